/** Filters that users have given a name. */
export const views = `
CREATE TABLE views (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  name TEXT NOT NULL,
  filter TEXT NOT NULL,
  display TEXT NOT NULL,
  is_shared INTEGER NOT NULL,
  created_at REAL NOT NULL,
  updated_at REAL NOT NULL,
  revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX views_by_owner ON views (owner, id);
`
