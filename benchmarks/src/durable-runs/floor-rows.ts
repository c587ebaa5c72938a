/** Index of a statement of `STATEMENTS.writes`, and its values. */
export type Write = readonly [statement: number, cells: readonly (string | number | null)[]]
/** The rows of one transaction. */
export type Batch = readonly Write[]

const ENGINE = 'eng_01M836TV031GYTWJJ5MA4C73YC'

/**
 * The writes of a durable run of three tasks, with the columns and indexes that the engine's own file has, and no engine around them: the run
 * and its input, a row for each task and the progress that it brings, the end and the result.
 */
export const STATEMENTS: {
  readonly schema: readonly string[]
  readonly writes: readonly string[]
  readonly count: string
} = {
  schema: [
    `CREATE TABLE runs (id TEXT PRIMARY KEY, flow_id TEXT NOT NULL, flow_version TEXT NOT NULL, configuration TEXT NOT NULL,
       trigger_kind TEXT NOT NULL, trigger_by TEXT, status TEXT NOT NULL, reason TEXT, created_at REAL NOT NULL, started_at REAL,
       finished_at REAL, wake_at REAL, epoch INTEGER NOT NULL, engine_id TEXT, worker_id TEXT, progress REAL NOT NULL,
       tasks_done INTEGER NOT NULL, epochs_without_progress INTEGER NOT NULL, cancel_requested_at REAL, cancel_reason TEXT,
       idempotency_key TEXT, error TEXT, worker_event_seq INTEGER NOT NULL, worker_log_seq INTEGER NOT NULL,
       task_seq INTEGER NOT NULL DEFAULT 0, log_seq INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID`,
    'CREATE INDEX runs_by_status ON runs (status, created_at, id)',
    'CREATE INDEX runs_by_flow ON runs (flow_id, status, created_at, id)',
    'CREATE INDEX runs_by_wake ON runs (wake_at) WHERE wake_at IS NOT NULL',
    'CREATE UNIQUE INDEX runs_by_idempotency_key ON runs (flow_id, idempotency_key) WHERE idempotency_key IS NOT NULL',
    'CREATE TABLE run_inputs (run_id TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID',
    'CREATE TABLE run_results (run_id TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID',
    `CREATE TABLE tasks (run_id TEXT NOT NULL, key TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, status TEXT NOT NULL,
       attempt INTEGER NOT NULL, epoch INTEGER NOT NULL, position INTEGER, weight REAL NOT NULL, estimated_ms REAL,
       started_at REAL NOT NULL, finished_at REAL, wake_at REAL, value TEXT, error TEXT, seq INTEGER NOT NULL,
       PRIMARY KEY (run_id, key)) STRICT, WITHOUT ROWID`,
  ],
  writes: [
    `INSERT INTO runs VALUES (?, 'three-tasks', '1', 'release', 'code', NULL, 'running', NULL, ?, ?, NULL, NULL, 1, '${ENGINE}', NULL,
       0, 0, 1, NULL, NULL, NULL, NULL, 0, 0, 0, 0)`,
    'INSERT INTO run_inputs VALUES (?, ?)',
    `INSERT INTO tasks VALUES (?, ?, ?, 'task', 'succeeded', 1, 1, ?, 1, NULL, ?, ?, NULL, ?, NULL, ?)`,
    `UPDATE runs SET task_seq = task_seq + 1, tasks_done = tasks_done + 1, epochs_without_progress = 0, progress = ?
       WHERE id = ? AND epoch = 1 AND engine_id = '${ENGINE}'`,
    `UPDATE runs SET status = 'succeeded', finished_at = ?, progress = 1, engine_id = NULL
       WHERE id = ? AND epoch = 1 AND engine_id = '${ENGINE}'`,
    'INSERT INTO run_results VALUES (?, ?)',
  ],
  count: `SELECT (SELECT count(*) FROM runs WHERE status = 'succeeded') AS runs, (SELECT count(*) FROM tasks) AS tasks`,
}
