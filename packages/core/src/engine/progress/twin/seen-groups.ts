/* A run that has not ended, task by task. Pure. */
import { hash } from './draws.ts'
import { END } from './finished-groups.ts'
import { SHORTEST_MS } from './quantiles.ts'
import type { TaskGraph } from './task-graph.ts'
import type { ForecastOptions, GraphNode, SeenTask } from './twin-state.ts'

/** A call that runs. */
export interface RunningCall {
  readonly elapsed: number
  readonly fraction: number | null
  readonly hash: number
}

/** The calls of one task that are known. */
export interface SeenGroup {
  n: number
  done: number
  /** Sum of the logarithms of what finished calls took. */
  logs: number
  readonly running: RunningCall[]
  /** When the last call that has ended did. */
  endedAt: number
}

export function seenGroups(
  tasks: readonly SeenTask[],
  now: number,
  { announced = NONE }: ForecastOptions,
  slack: number,
): ReadonlyMap<string, SeenGroup> {
  const groups = new Map<string, SeenGroup>()
  for (const { key, id, state, start = 0, end = start, fraction } of tasks) {
    let group = groups.get(key)
    if (!group) groups.set(key, (group = { n: 0, done: 0, logs: 0, running: [], endedAt: 0 }))
    group.n++
    if (state === 'done') {
      group.done++
      group.endedAt = Math.max(group.endedAt, end)
      group.logs += Math.log(Math.max(SHORTEST_MS, end - start) + slack)
    } else if (state === 'running')
      group.running.push({ elapsed: Math.max(0, now - start), fraction: validFraction(fraction), hash: hash(id) })
  }
  for (const [key, { calls }] of announced) {
    const group = groups.get(key)
    if (group) group.n = Math.max(group.n, calls)
    else groups.set(key, { n: calls, done: 0, logs: 0, running: [], endedAt: 0 })
  }
  return groups
}

function validFraction(fraction: number | undefined): number | null {
  return fraction !== undefined && fraction >= 0 ? Math.min(1, fraction) : null
}

/** The tasks whose number of calls is final: all that they wait for has ended. */
export function closedKeys(
  order: readonly GraphNode[],
  seen: ReadonlyMap<string, SeenGroup>,
  graph: TaskGraph,
  { listed = 'next', announced = NONE }: ForecastOptions,
): ReadonlySet<string> {
  const whole = [...announced].flatMap(([key, { isAll }]) => (isAll ? key : []))
  if (listed === 'started') return leftBehind(order, seen, whole)
  const closed = new Set<string>()
  const hasEnded = (key: string): boolean => {
    const group = seen.get(key)
    return !graph.has(key) || (closed.has(key) && group !== undefined && group.done === group.n)
  }
  for (const { key, parents } of order)
    if (key !== END && (whole.includes(key) || parents.every(hasEnded))) closed.add(key)
  return closed
}

const NONE: NonNullable<ForecastOptions['announced']> = new Map()

/** The tasks that the run has come past: one that waits for them has started. */
function leftBehind(
  order: readonly GraphNode[],
  seen: ReadonlyMap<string, SeenGroup>,
  whole: readonly string[],
): ReadonlySet<string> {
  const closed = new Set(whole)
  // The last ones first: who is behind a task that was left out is behind those before it, too.
  for (const { key, parents, piped } of order.toReversed())
    if (piped <= 0.5 && (seen.has(key) || closed.has(key))) for (const parent of parents) closed.add(parent)
  return closed
}
