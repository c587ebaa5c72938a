import type { StatsQuery } from '../figure-reads.ts'
/* Statistics of ended runs. They stay when the runs are removed. */
import type { RunStatsRecord, RunStatus } from '../records.ts'
import { rowsOf, statsKey, type RunSums } from '../run-sums.ts'
import { StatsSums } from '../stats-sums.ts'
import type { ChangeScope } from './scope.ts'
import type { MemoryState } from './state.ts'

/** Adds the runs that ended in a commit. */
export function storeSums({ state, transaction }: Omit<ChangeScope, 'sums'>, sums: RunSums): void {
  for (const hour of sums.hours()) {
    for (const key of rowsOf(hour)) {
      const name = statsKey(key)
      const known = state.stats.get(name)
      const row = known === undefined ? new StatsSums(key) : StatsSums.of(known)
      row.add(hour)
      transaction.set(state.stats, name, row.record())
    }
    const { status } = hour.key
    transaction.set(state.endedRuns, status, (state.endedRuns.get(status) ?? 0) + hour.runs)
  }
}

/** Number of runs per status. */
export function countRuns({ openRuns, endedRuns }: MemoryState): Partial<Record<RunStatus, number>> {
  const counts: Partial<Record<RunStatus, number>> = {}
  for (const { record } of openRuns.values()) counts[record.status] = (counts[record.status] ?? 0) + 1
  for (const [status, runs] of endedRuns) counts[status] = (counts[status] ?? 0) + runs
  return counts
}

/** Figures of ended runs per hour or day. */
export function runStats({ stats }: MemoryState, query: StatsQuery): readonly RunStatsRecord[] {
  return [...stats.values()]
    .filter(
      ({ span, from, flowId }) =>
        span === query.span &&
        from >= query.from &&
        from < query.before &&
        (query.flowId === undefined ? flowId !== null : flowId === query.flowId),
    )
    .toSorted(
      (left, right) =>
        left.from - right.from ||
        compare(left.flowId ?? '', right.flowId ?? '') ||
        compare(left.configuration, right.configuration) ||
        compare(left.status, right.status),
    )
}

/** Forgets the hours and days that began before an instant. */
export function forgetStats(
  { state, transaction }: ChangeScope,
  before: { readonly [S in 'hour' | 'day']: number },
): void {
  for (const [key, { span, from }] of state.stats) if (from < before[span]) transaction.delete(state.stats, key)
}

/** Order of two texts by their characters. */
export function compare(left: string, right: string): number {
  return left < right ? -1 : Number(left > right)
}
