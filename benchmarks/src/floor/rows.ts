import { aHeldRun, aTask } from '@perfect/core/testing'

import { RUN_NAMES, runCells, TASK_NAMES, taskCells } from '../../../packages/core/src/storage/sqlite/columns.ts'
import { initial } from '../../../packages/core/src/storage/sqlite/migrations/0001-initial.ts'
import { audit } from '../../../packages/core/src/storage/sqlite/migrations/0004-audit.ts'

/** The schema of the engine itself: its tables with all their columns and indexes, so that neither side ever writes into another shape. */
export const SCHEMA: string = initial + audit

type Cell = string | number | null
/** Index of a statement of `WRITES`, and its values. */
export type Write = readonly [statement: number, cells: readonly Cell[]]
/** The rows of one transaction. */
export type Batch = readonly Write[]

const ENGINE = 'eng_01M836TV031GYTWJJ5MA4C73YC'
const RUN = aHeldRun({ engineId: ENGINE, flowId: 'floor', configuration: 'release' })
const TASK = aTask()

// A row as the engine writes it; the columns that differ from row to row are left open, the others are written out.
function insert(table: string, names: string, cells: readonly Cell[], open: readonly string[]): string {
  const columns = names.split(', ')
  const fixed = columns.flatMap((name, index) => (open.includes(name) ? [] : [[name, literal(cells[index] ?? null)]]))
  const all = [...open.map((name) => [name, '?']), ...fixed]
  const pick = (place: number): string => all.map((pair) => pair[place]).join(', ')
  return `INSERT INTO ${table} (${pick(0)}) VALUES (${pick(1)})`
}

function literal(cell: Cell): string {
  return typeof cell === 'string' ? `'${cell}'` : String(cell ?? 'NULL')
}

/** The writes of a durable run, with no engine around them: the run and its input, a row for each task, the end and the result. */
export const WRITES: readonly string[] = [
  insert('runs', RUN_NAMES, runCells(RUN), ['id', 'queue_at', 'created_at', 'started_at']),
  'INSERT INTO run_inputs (run_id, value) VALUES (?, ?)',
  insert('tasks', TASK_NAMES, taskCells(TASK), [
    'run_id',
    'key',
    'name',
    'seq',
    'position',
    'progress',
    'started_at',
    'finished_at',
    'args',
    'value',
  ]),
  `UPDATE runs SET status = 'succeeded', finished_at = ?, progress = 1, tasks_done = ?, engine_id = NULL
   WHERE id = ? AND epoch = 1 AND engine_id = '${ENGINE}'`,
  'INSERT INTO run_results (run_id, value) VALUES (?, ?)',
  `INSERT INTO audit (id, at, door, actor, address, request_id, action, target, flow_id, outcome, code, changes, facts, ended_at)
   VALUES (?, ?, 'http', NULL, '127.0.0.1', ?, 'flow.trigger', ?, 'empty', 'done', NULL, '[]', ?, ?)`,
]

/** Runs once at the end of a transaction in which runs have ended. */
export const COUNT_ENDS = `
  INSERT INTO run_stats (hour, flow_id, configuration, status, runs, duration_ms, wait_ms, durations)
  VALUES (?, 'floor', 'release', 'succeeded', ?, 0, 0, '[]')
  ON CONFLICT (hour, flow_id, configuration, status) DO UPDATE SET runs = runs + excluded.runs`

/** What the floor has stored. */
export const COUNT_ROWS = `SELECT (SELECT count(*) FROM runs WHERE status = 'succeeded') AS runs, (SELECT count(*) FROM tasks) AS tasks`
