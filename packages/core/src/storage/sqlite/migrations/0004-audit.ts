/** Who did what. */
export const audit = `
CREATE TABLE audit (
  id TEXT PRIMARY KEY,
  at REAL NOT NULL,
  door TEXT NOT NULL,
  actor TEXT,
  address TEXT,
  request_id TEXT,
  action TEXT NOT NULL,
  target TEXT,
  flow_id TEXT,
  outcome TEXT NOT NULL,
  code TEXT,
  changes TEXT NOT NULL,
  facts TEXT NOT NULL,
  ended_at REAL
) STRICT, WITHOUT ROWID;

CREATE INDEX audit_at ON audit (at);
`
