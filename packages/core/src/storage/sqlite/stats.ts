import type { StatsQuery } from '../figure-reads.ts'
/* Statistics of ended runs: added to their rows at the end of each commit. */
import {
  RUN_STATUSES,
  type EstimateStats,
  type FinalRunStatus,
  type RunStatsRecord,
  type RunStatus,
  type StatsSpan,
} from '../records.ts'
import { isFinalRun } from '../run-rules.ts'
import { rowsOf, type RunSums } from '../run-sums.ts'
import { StatsSums, type StatsKey } from '../stats-sums.ts'
import type { Cell, Database, Row } from './database.ts'
import { IS_RARE_STATUS } from './run-lists.ts'

const FIELDS = 'span, flow_id, start, configuration, status, runs, duration_ms, wait_ms, durations, waits, estimates'
const FIND = `
  SELECT ${FIELDS} FROM stats WHERE span = ? AND flow_id = ? AND start = ? AND configuration = ? AND status = ?`
const PUT = `
  INSERT INTO stats (${FIELDS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET
    runs = excluded.runs, duration_ms = excluded.duration_ms, wait_ms = excluded.wait_ms, durations = excluded.durations,
    waits = excluded.waits, estimates = excluded.estimates`
const COUNT =
  'INSERT INTO ended_runs (status, runs) VALUES (?, ?) ON CONFLICT DO UPDATE SET runs = runs + excluded.runs'
const OPEN_STATUSES = RUN_STATUSES.filter((status) => !isFinalRun(status))
const COUNT_OPEN = OPEN_STATUSES.map((status) => {
  const [index, condition] = status === 'running' ? ['runs_running', ''] : ['runs_by_status', `AND ${IS_RARE_STATUS}`]
  return `SELECT '${status}' AS status, count(*) AS runs FROM runs INDEXED BY ${index} WHERE status = '${status}' ${condition}`
}).join(' UNION ALL ')
const COUNT_ENDED = 'SELECT status, runs FROM ended_runs'
const NO_ESTIMATES: EstimateStats = { runs: 0, within: 0, errorMs: 0, errors: [] }
// How the rows of all flows together are stored.
const ALL_FLOWS = ''

/** Adds the runs that ended in a commit. */
export function storeSums(database: Database, sums: RunSums): void {
  const changed = new Set<StatsSums>()
  for (const hour of sums.hours()) {
    for (const key of rowsOf(hour)) {
      const row = database.stats.row(key, () => readRow(database, key))
      row.add(hour)
      changed.add(row)
    }
    database.run(COUNT, [hour.key.status, hour.runs])
  }
  for (const { key, runs, durationMs, waitMs, durations, waits, estimates } of changed) {
    const told = estimates.runs === 0 ? null : JSON.stringify(estimates)
    database.run(PUT, [
      ...keyCells(key),
      runs,
      durationMs,
      waitMs,
      JSON.stringify(durations),
      JSON.stringify(waits),
      told,
    ])
  }
}

function readRow(database: Database, key: StatsKey): StatsSums {
  const row = database.first(FIND, keyCells(key))
  return row === undefined ? new StatsSums(key) : StatsSums.of(readStats(row))
}

/** Number of runs per status. */
export function countRuns(database: Database): Partial<Record<RunStatus, number>> {
  const rows = [...database.all(COUNT_OPEN), ...database.all(COUNT_ENDED)]
  const counts = rows.map((row) => [row['status'] as RunStatus, Number(row['runs'])] as const)
  return Object.fromEntries(counts.filter(([, runs]) => runs > 0))
}

/** Figures of ended runs per hour or day. */
export function runStats(database: Database, { span, from, before, flowId }: StatsQuery): readonly RunStatsRecord[] {
  const ofFlow = flowId === undefined ? 'flow_id <> ?' : 'flow_id = ?'
  const cells: Cell[] = [span, flowId ?? ALL_FLOWS, from, before]
  const sql = `SELECT ${FIELDS} FROM stats WHERE span = ? AND ${ofFlow} AND start >= ? AND start < ? ORDER BY start, flow_id, configuration, status`
  return database.all(sql, cells).map(readStats)
}

/** Forgets the hours and days that began before an instant. */
export function forgetStats(database: Database, before: { readonly [S in 'hour' | 'day']: number }): void {
  database.stats.clear()
  for (const span of ['hour', 'day'] as const)
    database.run('DELETE FROM stats WHERE span = ? AND start < ?', [span, before[span]])
}

function keyCells({ span, flowId, from, configuration, status }: StatsKey): Cell[] {
  return [span, flowId ?? ALL_FLOWS, from, configuration, status]
}

function readStats(row: Row): RunStatsRecord {
  const flowId = String(row['flow_id'])
  const estimates = row['estimates']
  return {
    span: row['span'] as StatsSpan,
    from: Number(row['start']),
    flowId: flowId === ALL_FLOWS ? null : flowId,
    configuration: String(row['configuration']),
    status: row['status'] as FinalRunStatus,
    runs: Number(row['runs']),
    durationMs: Number(row['duration_ms']),
    waitMs: Number(row['wait_ms']),
    durations: JSON.parse(String(row['durations'])) as number[],
    waits: JSON.parse(String(row['waits'])) as number[],
    estimates: typeof estimates === 'string' ? (JSON.parse(estimates) as EstimateStats) : NO_ESTIMATES,
  }
}
