// The schema of the engine itself: its tables with all their columns and indexes, so that neither side ever writes into another shape.
export { initial as SCHEMA } from '../../../packages/core/src/storage/sqlite/migrations/0001-initial.ts'

/** Index of a statement of `WRITES`, and its values. */
export type Write = readonly [statement: number, cells: readonly (string | number | null)[]]
/** The rows of one transaction. */
export type Batch = readonly Write[]

const ENGINE = 'eng_01M836TV031GYTWJJ5MA4C73YC'

/**
 * The writes of a durable run, with the columns that the engine fills and no engine around them: the run and its input, a row for each task,
 * the end and the result, and the statistics of the hour once per transaction.
 */
export const WRITES: readonly string[] = [
  `INSERT INTO runs (id, flow_id, flow_version, configuration, priority, queue_at, limit_key, gate, dedupe_key, parent_run_id, parent_key,
     retry_of, schedule_id, fingerprint, status, reason, created_at, started_at, finished_at, wake_at, epoch, engine_id, worker_id, progress,
     tasks_done, epochs_without_progress, paused_at, cancel_requested_at, cancel_reason, idempotency_key, worker_event_seq, worker_log_seq,
     trigger_kind, trigger_by, tags, attributes, error)
   VALUES (?, 'floor', '1', 'release', 0, ?, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'running', NULL, ?, ?, NULL, NULL, 1,
     '${ENGINE}', NULL, 0, 0, 1, NULL, NULL, NULL, NULL, 0, 0, 'code', NULL, NULL, NULL, NULL)`,
  'INSERT INTO run_inputs (run_id, value) VALUES (?, ?)',
  `INSERT INTO tasks (run_id, key, name, kind, status, origin, seq, attempt, epoch, args, child_run_id, position, weight, progress,
     estimated_ms, started_at, finished_at, wake_at, value, error)
   VALUES (?, ?, ?, 'task', 'succeeded', 'run', ?, 1, 1, NULL, NULL, ?, 1, ?, NULL, ?, ?, NULL, ?, NULL)`,
  `UPDATE runs SET status = 'succeeded', finished_at = ?, progress = 1, tasks_done = ?, engine_id = NULL
   WHERE id = ? AND epoch = 1 AND engine_id = '${ENGINE}'`,
  'INSERT INTO run_results (run_id, value) VALUES (?, ?)',
]

/** Runs once at the end of a transaction in which runs have ended. */
export const COUNT_ENDS = `
  INSERT INTO run_stats (hour, flow_id, configuration, status, runs, duration_ms, wait_ms, durations)
  VALUES (?, 'floor', 'release', 'succeeded', ?, 0, 0, '[]')
  ON CONFLICT (hour, flow_id, configuration, status) DO UPDATE SET runs = runs + excluded.runs`

/** What the floor has stored. */
export const COUNT_ROWS = `SELECT (SELECT count(*) FROM runs WHERE status = 'succeeded') AS runs, (SELECT count(*) FROM tasks) AS tasks`
