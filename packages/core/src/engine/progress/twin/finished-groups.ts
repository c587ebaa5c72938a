/* A run that has ended, task by task. Pure. */
import { quantileOf, SHORTEST_MS } from './quantiles.ts'
import type { FinishedTask, PastGroup } from './twin-state.ts'

/** The calls of one task. */
export interface FinishedGroup {
  readonly key: string
  readonly past: PastGroup
  readonly start: number
  readonly end: number
  readonly parents: readonly string[]
  readonly lanes: number
  readonly piped: boolean
}

interface Gathered {
  readonly durations: number[]
  readonly moves: (readonly [at: number, by: number])[]
  readonly parents: Set<string>
  start: number
  end: number
}

const MAX_DURATIONS = 16
const JUST_MS = 1e-6

// The end of the run, as a task of no time after all others: what comes between counts as the gap before it.
export const END = ''

/** @param total When the run ended. Unit: ms. */
export function endOfRun(groups: readonly FinishedGroup[], total: number): FinishedGroup {
  const followed = new Set(groups.flatMap(({ parents }) => parents))
  const parents = groups.flatMap(({ key }) => (followed.has(key) ? [] : key))
  return { key: END, past: { n: 1, d: [SHORTEST_MS] }, start: total, end: total, parents, lanes: 1, piped: false }
}

/** @param tasks Those that did not succeed are left out. */
export function finishedGroups(tasks: readonly FinishedTask[]): readonly FinishedGroup[] {
  const keys = new Map(tasks.map(({ id, key }) => [id, key]))
  const gathered = new Map<string, Gathered>()
  for (const { key, start, end, ok, deps } of tasks) {
    if (!ok) continue
    const group = gathered.get(key) ?? { durations: [], moves: [], parents: new Set(), start: Infinity, end: -Infinity }
    gathered.set(key, group)
    group.durations.push(Math.max(SHORTEST_MS, end - start))
    group.start = Math.min(group.start, start)
    group.end = Math.max(group.end, end)
    group.moves.push([start, 1], [end - 1e-9, -1])
    for (const dep of deps) {
      const parent = keys.get(dep)
      if (parent !== undefined && parent !== key) group.parents.add(parent)
    }
  }
  return [...gathered].map(([key, group]) => ({
    key,
    past: pastGroup(group.durations),
    start: group.start,
    end: group.end,
    parents: [...group.parents],
    lanes: lanesOf(group.moves),
    piped: isPiped(group, gathered),
  }))
}

function pastGroup(durations: readonly number[]): PastGroup {
  const sorted = durations.toSorted((left, right) => left - right)
  const n = sorted.length
  if (n <= MAX_DURATIONS) return { n, d: sorted }
  const d = Array.from({ length: MAX_DURATIONS }, (_, index) => quantileOf(sorted, (index + 0.5) / MAX_DURATIONS))
  return { n, d }
}

function lanesOf(moves: Gathered['moves']): number {
  let [now, most] = [0, 0]
  for (const [, by] of moves.toSorted((left, right) => left[0] - right[0] || left[1] - right[1])) {
    now += by
    most = Math.max(most, now)
  }
  return most
}

function isPiped({ parents, start }: Gathered, all: ReadonlyMap<string, Gathered>): boolean {
  return [...parents].some((key) => {
    const parent = all.get(key)
    return parent !== undefined && parent.durations.length > 1 && start < parent.end - JUST_MS
  })
}
