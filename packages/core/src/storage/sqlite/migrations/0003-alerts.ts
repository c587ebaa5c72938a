/** What is to be told to others, and which flows are failing. */
export const alerts = `
CREATE TABLE alerts (
  id TEXT PRIMARY KEY,
  rule TEXT NOT NULL,
  kind TEXT NOT NULL,
  flow_id TEXT NOT NULL,
  run_id TEXT,
  schedule_id TEXT,
  facts TEXT NOT NULL,
  failing_since REAL,
  failed_runs INTEGER,
  created_at REAL NOT NULL,
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  max_attempts INTEGER NOT NULL,
  next_at REAL,
  settled_at REAL,
  problem TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX alerts_due ON alerts (rule, next_at, id) WHERE state = 'pending';
CREATE INDEX alerts_listed ON alerts (created_at, id);

-- Flows whose last run that counts has failed, when somebody wants to hear of the end of that.
CREATE TABLE failing_flows (flow_id TEXT PRIMARY KEY, since REAL NOT NULL, runs INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`
