/** The first schema. Instants and durations are REAL, since they may have fractions; whole ones take no more space than integers. */
export const initial: string = `
CREATE TABLE runs (
  id TEXT PRIMARY KEY,
  flow_id TEXT NOT NULL,
  flow_version TEXT NOT NULL,
  configuration TEXT NOT NULL,
  trigger_kind TEXT NOT NULL,
  trigger_by TEXT,
  status TEXT NOT NULL,
  reason TEXT,
  created_at REAL NOT NULL,
  started_at REAL,
  finished_at REAL,
  wake_at REAL,
  epoch INTEGER NOT NULL,
  engine_id TEXT,
  worker_id TEXT,
  progress REAL NOT NULL,
  tasks_done INTEGER NOT NULL,
  epochs_without_progress INTEGER NOT NULL,
  cancel_requested_at REAL,
  cancel_reason TEXT,
  idempotency_key TEXT,
  error TEXT,
  worker_event_seq INTEGER NOT NULL,
  worker_log_seq INTEGER NOT NULL,
  -- Counters, so that nothing ever looks for the largest number.
  task_seq INTEGER NOT NULL DEFAULT 0,
  log_seq INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

-- A list over several statuses, or over all, is a merge of these.
CREATE INDEX runs_by_status ON runs (status, created_at, id);
CREATE INDEX runs_by_flow ON runs (flow_id, status, created_at, id);
CREATE INDEX runs_by_wake ON runs (wake_at) WHERE wake_at IS NOT NULL;
CREATE UNIQUE INDEX runs_by_idempotency_key ON runs (flow_id, idempotency_key) WHERE idempotency_key IS NOT NULL;

-- Payloads are apart, so that changing a run never copies them.
CREATE TABLE run_inputs (run_id TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE run_results (run_id TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE tasks (
  run_id TEXT NOT NULL,
  key TEXT NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  status TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  position INTEGER,
  weight REAL NOT NULL,
  estimated_ms REAL,
  started_at REAL NOT NULL,
  finished_at REAL,
  wake_at REAL,
  value TEXT,
  error TEXT,
  -- Order of the first write.
  seq INTEGER NOT NULL,
  PRIMARY KEY (run_id, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE logs (
  run_id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  at REAL NOT NULL,
  level TEXT NOT NULL,
  task TEXT,
  message TEXT NOT NULL,
  fields TEXT,
  PRIMARY KEY (run_id, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE flows (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  version TEXT NOT NULL,
  definition TEXT NOT NULL,
  registered_at REAL NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE engines (
  id TEXT PRIMARY KEY,
  host TEXT NOT NULL,
  pid INTEGER NOT NULL,
  started_at REAL NOT NULL,
  lease_until REAL NOT NULL
) STRICT, WITHOUT ROWID;
`
