/*
 * Statistics of ended runs: counted in memory during a commit and added to the rows of their hour at its end, so that a thousand runs
 * that end together cost a few writes.
 */
import { RUN_STATUSES, type FinalRunStatus, type RunStatsRecord, type RunStatus } from '../records.ts'
import { DURATION_CLASSES, durationClass, hourOf, isFinalRun } from '../run-rules.ts'
import type { Cell, Database, Row } from './database.ts'
import { IS_RARE_STATUS } from './run-lists.ts'

/** A run that has ended. */
export interface EndedRun {
  readonly flowId: string
  readonly configuration: string
  readonly status: FinalRunStatus
  readonly createdAt: number
  readonly startedAt: number | null
  readonly finishedAt: number
}

type Sums = Omit<RunStatsRecord, 'durations' | 'runs' | 'durationMs' | 'waitMs'> & {
  runs: number
  durationMs: number
  waitMs: number
  durations: number[]
}

const FIND = 'SELECT durations FROM run_stats WHERE hour = ? AND flow_id = ? AND configuration = ? AND status = ?'
const ADD = `
  INSERT INTO run_stats (hour, flow_id, configuration, status, runs, duration_ms, wait_ms, durations)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET
    runs = runs + excluded.runs, duration_ms = duration_ms + excluded.duration_ms, wait_ms = wait_ms + excluded.wait_ms,
    durations = excluded.durations`
const SELECT = 'SELECT flow_id, configuration, status, hour, runs, duration_ms, wait_ms, durations FROM run_stats'
const OPEN_STATUSES = RUN_STATUSES.filter((status) => !isFinalRun(status))
const COUNT_OPEN = OPEN_STATUSES.map((status) => {
  const [index, condition] = status === 'running' ? ['runs_running', ''] : ['runs_by_status', `AND ${IS_RARE_STATUS}`]
  return `SELECT '${status}' AS status, count(*) AS runs FROM runs INDEXED BY ${index} WHERE status = '${status}' ${condition}`
}).join(' UNION ALL ')
const COUNT_ENDED = 'SELECT status, sum(runs) AS runs FROM run_stats GROUP BY status'

/** The runs that end in one commit. */
export class Tally {
  readonly #sums = new Map<string, Sums>()

  add(run: EndedRun): void {
    const { flowId, configuration, status } = run
    const hour = hourOf(run.finishedAt)
    const key = JSON.stringify([hour, flowId, configuration, status])
    let sums = this.#sums.get(key)
    if (sums === undefined) {
      sums = { flowId, configuration, status, hour, runs: 0, durationMs: 0, waitMs: 0, durations: [] }
      this.#sums.set(key, sums)
    }
    const durationMs = run.startedAt === null ? 0 : Math.max(0, run.finishedAt - run.startedAt)
    sums.runs++
    sums.durationMs += durationMs
    sums.waitMs += Math.max(0, (run.startedAt ?? run.finishedAt) - run.createdAt)
    if (run.startedAt !== null) raise(sums.durations, durationClass(durationMs), 1)
  }

  /** Adds everything to the stored rows. */
  store(database: Database): void {
    for (const { hour, flowId, configuration, status, runs, durationMs, waitMs, durations } of this.#sums.values()) {
      const key = [hour, flowId, configuration, status]
      const before = database.first(FIND, key)
      const all = before === undefined ? durations : merged(readDurations(before), durations)
      database.run(ADD, [...key, runs, durationMs, waitMs, JSON.stringify(all)])
    }
  }
}

/** Number of runs per status. */
export function countRuns(database: Database): Partial<Record<RunStatus, number>> {
  const rows = [...database.all(COUNT_OPEN), ...database.all(COUNT_ENDED)]
  const counts = rows.map((row) => [row['status'] as RunStatus, Number(row['runs'])] as const)
  return Object.fromEntries(counts.filter(([, runs]) => runs > 0))
}

/** Ended runs per hour. */
export function runStats(
  database: Database,
  query: { readonly from: number; readonly before: number; readonly flowId?: string },
): readonly RunStatsRecord[] {
  const cells: Cell[] = [query.from, query.before]
  if (query.flowId !== undefined) cells.push(query.flowId)
  const ofFlow = query.flowId === undefined ? '' : 'AND flow_id = ?'
  const sql = `${SELECT} WHERE hour >= ? AND hour < ? ${ofFlow} ORDER BY hour, flow_id, configuration, status`
  return database.all(sql, cells).map((row) => ({
    flowId: String(row['flow_id']),
    configuration: String(row['configuration']),
    status: row['status'] as FinalRunStatus,
    hour: Number(row['hour']),
    runs: Number(row['runs']),
    durationMs: Number(row['duration_ms']),
    waitMs: Number(row['wait_ms']),
    durations: Array.from({ length: DURATION_CLASSES }, (_, index) => readDurations(row)[index] ?? 0),
  }))
}

function readDurations(row: Row): number[] {
  return JSON.parse(String(row['durations'])) as number[]
}

function merged(left: number[], right: readonly number[]): number[] {
  for (const [index, count] of right.entries()) raise(left, index, count)
  return left
}

function raise(counts: number[], index: number, by: number): void {
  while (counts.length <= index) counts.push(0)
  counts[index] = (counts[index] ?? 0) + by
}
