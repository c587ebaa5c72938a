/** Index of a statement of `STATEMENTS.writes`, and its values. */
export type Write = readonly [statement: number, cells: readonly (string | number | null)[]]
/** The rows of one transaction. */
export type Batch = readonly Write[]

/**
 * The least that a durable run of three tasks needs, and no engine around it: a run, a row for each task, the run's end and its result;
 * and the one index by which open runs are found after a crash.
 */
export const STATEMENTS: {
  readonly schema: readonly string[]
  readonly writes: readonly string[]
  readonly count: string
} = {
  schema: [
    `CREATE TABLE runs (id TEXT PRIMARY KEY, flow_id TEXT NOT NULL, status TEXT NOT NULL, created_at REAL NOT NULL, started_at REAL,
       finished_at REAL, epoch INTEGER NOT NULL, engine_id TEXT, progress REAL NOT NULL, tasks_done INTEGER NOT NULL) STRICT, WITHOUT ROWID`,
    'CREATE INDEX runs_by_status ON runs (status, created_at, id)',
    'CREATE TABLE results (run_id TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID',
    `CREATE TABLE tasks (run_id TEXT NOT NULL, key TEXT NOT NULL, name TEXT NOT NULL, status TEXT NOT NULL, attempt INTEGER NOT NULL,
       epoch INTEGER NOT NULL, started_at REAL NOT NULL, finished_at REAL, value TEXT, PRIMARY KEY (run_id, key)) STRICT, WITHOUT ROWID`,
  ],
  writes: [
    `INSERT INTO runs VALUES (?, 'three-tasks', 'running', ?, ?, NULL, 1, 'engine', 0, 0)`,
    `INSERT INTO tasks VALUES (?, ?, ?, 'succeeded', 1, 1, ?, ?, ?)`,
    `UPDATE runs SET status = 'succeeded', finished_at = ?, progress = 1, tasks_done = 3 WHERE id = ? AND epoch = 1`,
    'INSERT INTO results VALUES (?, ?)',
  ],
  count: `SELECT (SELECT count(*) FROM runs WHERE status = 'succeeded') AS runs, (SELECT count(*) FROM tasks) AS tasks`,
}
