/** The first schema. Instants and durations are REAL, since they may have fractions; whole ones take no more space than integers. */
export const initial: string = `
CREATE TABLE runs (
  id TEXT PRIMARY KEY,
  flow_id TEXT NOT NULL,
  flow_version TEXT NOT NULL,
  configuration TEXT NOT NULL,
  trigger_kind TEXT NOT NULL,
  trigger_by TEXT,
  -- JSON; null for none.
  tags TEXT,
  attributes TEXT,
  priority REAL NOT NULL,
  queue_at REAL NOT NULL,
  limit_key TEXT,
  gate TEXT,
  dedupe_key TEXT,
  parent_run_id TEXT,
  parent_key TEXT,
  retry_of TEXT,
  attempt INTEGER NOT NULL,
  next_run_id TEXT,
  schedule_id TEXT,
  fingerprint TEXT,
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
  paused_at REAL,
  undo_tasks INTEGER NOT NULL,
  cancel_requested_at REAL,
  cancel_reason TEXT,
  idempotency_key TEXT,
  error TEXT,
  worker_event_seq INTEGER NOT NULL,
  worker_log_seq INTEGER NOT NULL,
  -- A counter, so that nothing ever looks for the largest number.
  log_seq INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

-- A run that starts at once and succeeds touches two of these: most runs do, so each further one would be paid by all.
CREATE INDEX runs_by_flow ON runs (flow_id, id);
CREATE INDEX runs_running ON runs (engine_id, id) WHERE status = 'running';
CREATE INDEX runs_queued ON runs (flow_id, queue_at, id) WHERE status = 'queued';
CREATE INDEX runs_queued_by_key ON runs (flow_id, limit_key, queue_at, id) WHERE status = 'queued' AND limit_key IS NOT NULL;
CREATE INDEX runs_by_wake ON runs (wake_at, id) WHERE wake_at IS NOT NULL;
CREATE INDEX runs_by_status ON runs (status, id) WHERE status NOT IN ('running', 'succeeded');
CREATE INDEX runs_by_flow_status ON runs (flow_id, status, id) WHERE status NOT IN ('running', 'succeeded');
CREATE INDEX runs_by_configuration ON runs (configuration, id) WHERE configuration <> 'release';
CREATE INDEX runs_by_trigger ON runs (trigger_kind, id) WHERE trigger_kind NOT IN ('code', 'api');
CREATE INDEX runs_by_parent ON runs (parent_run_id, id) WHERE parent_run_id IS NOT NULL;
CREATE INDEX runs_by_schedule ON runs (schedule_id, id) WHERE schedule_id IS NOT NULL;
CREATE INDEX runs_open_by_schedule ON runs (schedule_id, id)
  WHERE schedule_id IS NOT NULL AND status NOT IN ('succeeded', 'failed', 'cancelled');
CREATE UNIQUE INDEX runs_by_idempotency_key ON runs (flow_id, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX runs_by_dedupe_key ON runs (flow_id, dedupe_key) WHERE dedupe_key IS NOT NULL;

CREATE TABLE run_labels (
  label TEXT NOT NULL,
  run_id TEXT NOT NULL,
  PRIMARY KEY (label, run_id)
) STRICT, WITHOUT ROWID;

-- Payloads are apart, so that changing a run never copies them.
CREATE TABLE run_inputs (run_id TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE run_results (run_id TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE tasks (
  run_id TEXT NOT NULL,
  key TEXT NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  status TEXT NOT NULL,
  origin TEXT NOT NULL,
  seq INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  args TEXT,
  child_run_id TEXT,
  position INTEGER,
  weight REAL NOT NULL,
  progress REAL NOT NULL,
  estimated_ms REAL,
  started_at REAL NOT NULL,
  finished_at REAL,
  wake_at REAL,
  value TEXT,
  error TEXT,
  PRIMARY KEY (run_id, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE task_cache (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL,
  expires_at REAL NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX task_cache_by_end ON task_cache (expires_at);

-- Who holds a place of a limit: a run (task '') or one of its tasks.
CREATE TABLE slots (
  limit_key TEXT NOT NULL,
  run_id TEXT NOT NULL,
  task TEXT NOT NULL,
  PRIMARY KEY (limit_key, run_id, task)
) STRICT, WITHOUT ROWID;
CREATE INDEX slots_by_run ON slots (run_id, task);

-- The starts that still count for a rate.
CREATE TABLE starts (
  limit_key TEXT NOT NULL,
  at REAL NOT NULL
) STRICT;
CREATE INDEX starts_by_limit ON starts (limit_key, at);

CREATE TABLE signals (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  run_id TEXT,
  match TEXT,
  value TEXT,
  sent_at REAL NOT NULL,
  sent_by TEXT,
  taken_run_id TEXT,
  taken_task TEXT
) STRICT;
CREATE INDEX signals_by_run ON signals (run_id, name) WHERE run_id IS NOT NULL;
CREATE INDEX signals_by_match ON signals (name, match) WHERE run_id IS NULL AND taken_run_id IS NULL;
CREATE INDEX signals_by_taker ON signals (taken_run_id, taken_task) WHERE taken_run_id IS NOT NULL;

CREATE TABLE waits (
  seq INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL,
  task TEXT NOT NULL,
  name TEXT NOT NULL,
  match TEXT,
  UNIQUE (run_id, task)
) STRICT;
CREATE INDEX waits_by_match ON waits (name, match) WHERE match IS NOT NULL;

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

CREATE TABLE schedules (
  id TEXT PRIMARY KEY,
  flow_id TEXT NOT NULL,
  origin TEXT NOT NULL,
  definition TEXT NOT NULL,
  paused_at REAL,
  paused_until REAL,
  skips INTEGER NOT NULL,
  handled_at REAL NOT NULL,
  revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE flows (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  version TEXT NOT NULL,
  definition TEXT NOT NULL,
  registered_at REAL NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE flow_versions (
  flow_id TEXT NOT NULL,
  version TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  first_seen_at REAL NOT NULL,
  last_seen_at REAL NOT NULL,
  PRIMARY KEY (flow_id, version, fingerprint)
) STRICT, WITHOUT ROWID;

-- Ended runs of an hour. They stay when the runs are removed.
CREATE TABLE run_stats (
  hour REAL NOT NULL,
  flow_id TEXT NOT NULL,
  configuration TEXT NOT NULL,
  status TEXT NOT NULL,
  runs INTEGER NOT NULL,
  duration_ms REAL NOT NULL,
  wait_ms REAL NOT NULL,
  durations TEXT NOT NULL,
  PRIMARY KEY (hour, flow_id, configuration, status)
) STRICT, WITHOUT ROWID;

-- What was learned from past runs: a cache, which can be made again from the runs.
CREATE TABLE estimate_models (
  flow_id TEXT NOT NULL,
  family TEXT NOT NULL,
  configuration TEXT NOT NULL,
  state TEXT NOT NULL,
  updated_at REAL NOT NULL,
  PRIMARY KEY (flow_id, family, configuration)
) STRICT, WITHOUT ROWID;

CREATE TABLE engines (
  id TEXT PRIMARY KEY,
  host TEXT NOT NULL,
  pid INTEGER NOT NULL,
  started_at REAL NOT NULL,
  lease_until REAL NOT NULL
) STRICT, WITHOUT ROWID;
`
