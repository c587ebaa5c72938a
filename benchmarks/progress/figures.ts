import type { RunFigures } from './replay.ts'

/** What is printed of one estimator on one trace. In percent of the run's length, when nothing else is said. */
export interface Figures {
  readonly runs: number
  readonly error: number
  readonly median: number
  readonly p90: number
  readonly coverage: number | null
  readonly width: number | null
  readonly dishonesty: number
  /** In all runs. */
  readonly backwards: number
  readonly timeAt99: number
  readonly longestFreeze: number
  /** In a run. */
  readonly jumps: number
}

/** Means are means over flows, so that a flow with many runs counts as much as one with few. */
export function summarize(runs: readonly RunFigures[]): Figures {
  const flows = [...new Set(runs.map(({ flow }) => flow))]
  const mean = (select: (run: RunFigures) => number): number =>
    average(flows.map((flow) => average(runs.filter((run) => run.flow === flow).map(select))))
  const sorted = runs.map(({ error }) => error).toSorted((left, right) => left - right)
  const at = (level: number): number => 100 * (sorted[Math.floor(level * (sorted.length - 1))] ?? 0)
  const hasInterval = runs.some(({ covered }) => covered !== null)
  return {
    runs: runs.length,
    error: 100 * mean(({ error }) => error),
    median: at(0.5),
    p90: at(0.9),
    coverage: hasInterval ? 100 * mean(({ covered }) => covered ?? 0) : null,
    width: hasInterval ? 100 * mean(({ width }) => width ?? 0) : null,
    dishonesty: 100 * mean(({ dishonesty }) => dishonesty),
    backwards: runs.reduce((sum, { backwards }) => sum + backwards, 0),
    timeAt99: 100 * mean(({ timeAt99 }) => timeAt99),
    longestFreeze: 100 * mean(({ longestFreeze }) => longestFreeze),
    jumps: mean(({ jumps }) => jumps),
  }
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
}
