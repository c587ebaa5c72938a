/*
 * The rest of a run, once, with all durations of one past run: what depends on each other there depends on each other here. Walks the tasks
 * with parents first. Pure.
 */
import { drawOf, hash } from './draws.ts'
import { restOfCall } from './rest-of-call.ts'
import type { RunningCall, SeenGroup } from './seen-groups.ts'
import type { GraphNode, PastGroup, PastRun } from './twin-state.ts'

/** What all draws of one forecast share. */
export interface Walk {
  readonly order: readonly GraphNode[]
  readonly seen: ReadonlyMap<string, SeenGroup>
  readonly closed: ReadonlySet<string>
  readonly runs: readonly PastRun[]
  readonly seed: number
  readonly lanes: number
}

/** One draw: which past run, at which pace. */
export interface Draw {
  readonly number: number
  readonly past: PastRun
  readonly pace: number
}

interface Ends {
  readonly first: Map<string, number>
  readonly last: Map<string, number>
  readonly counts: Map<string, number>
}

interface GroupWalk extends Draw {
  readonly node: GraphNode
  readonly durations: readonly number[]
  readonly pending: number
  readonly start: number
  readonly lanes: number
  readonly stratum: (number: number) => number
}

interface Placed {
  readonly end: number
  readonly first: number
  readonly work: number
}

// More are not laid out one by one: they take their mean on all lanes.
const MAX_LAID_OUT = 24
// Two calls never take the same time.
const JITTER = 0.06
const GOLDEN = 2_654_435_761
// Below this a report says nothing about the rest.
const MIN_FRACTION = 0.02
const JUST_MS = 1e-3

/** What is left of the run. Unit: ms. */
export function simulateRest(walk: Walk, draw: Draw): number {
  const ends: Ends = { first: new Map(), last: new Map(), counts: new Map() }
  const stratum = (number: number): number => drawOf((number ^ walk.seed) >>> 0, draw.number)
  let [last, work] = [0, 0]
  for (const node of walk.order) {
    const { key, parents, piped } = node
    const group = walk.seen.get(key)
    const n = countOf(walk, draw.past, node, ends.counts)
    ends.counts.set(key, n)
    const [done, running] = [group?.done ?? 0, group?.running ?? []]
    if (n === done) {
      ends.first.set(key, 0)
      ends.last.set(key, 0)
      continue
    }
    const durations = (draw.past.groups[key] ?? anyGroup(walk.runs, key, draw.number))?.d ?? [1]
    const barrier = latest(parents, ends.last)
    const isPiped = piped > 0.5
    let start = barrier
    if (isPiped) start = group ? 0 : latest(parents, ends.first)
    const lanes = Math.max(1, Math.min(node.lanes, n, walk.lanes))
    const pending = n - done - running.length
    const part = { ...draw, node, durations, pending, start, lanes, stratum }
    const placed = place(walk, part, running)
    const end = isPiped && pending > 0 ? Math.max(placed.end, barrier + placed.first - start) : placed.end
    ends.first.set(key, done > 0 ? 0 : placed.first)
    ends.last.set(key, end)
    last = Math.max(last, end)
    work += placed.work
  }
  return Math.max(last, work / walk.lanes)
}

/** How many calls a task will have: of a fan-out that is not known yet, in proportion to what it follows. */
function countOf(walk: Walk, past: PastRun, { key, parents }: GraphNode, counts: ReadonlyMap<string, number>): number {
  const known = walk.seen.get(key)?.n ?? 0
  const then = past.groups[key]
  if (walk.closed.has(key) || !then) return known
  let [expected, largest] = [then.n, 0]
  for (const parent of parents) {
    const [before, now] = [past.groups[parent]?.n ?? 0, counts.get(parent) ?? 0]
    if (now === 0 || before <= largest) continue
    largest = before
    expected = (then.n / before) * now
  }
  return Math.max(known, Math.round(expected))
}

function place(walk: Walk, part: GroupWalk, running: readonly RunningCall[]): Placed {
  const { durations, pace, start, stratum, node, pending } = part
  let [end, first, work] = [start, Infinity, 0]
  const ends: number[] = []
  for (const call of running) {
    const drawn = restOfCall(walk.runs, node.key, { durations, pace, elapsed: call.elapsed, level: stratum(call.hash) })
    const rest = withReport(drawn, call)
    ends.push(rest)
    work += rest
    end = Math.max(end, rest)
    first = Math.min(first, rest)
  }
  if (pending === 0) return { end, first: first === Infinity ? end : first, work }
  const waiting = pending <= MAX_LAID_OUT ? layOut(part, ends) : spread(part, ends)
  return { end: Math.max(end, waiting.end), first: Math.min(first, waiting.first), work: work + waiting.work }
}

/** The more a task has told, the more it is believed. */
function withReport(rest: number, { elapsed, fraction }: RunningCall): number {
  if (fraction === null || fraction <= MIN_FRACTION) return rest
  const told = (elapsed * (1 - fraction)) / fraction
  return Math.exp((1 - fraction) * Math.log(rest + JUST_MS) + fraction * Math.log(told + JUST_MS))
}

function layOut({ durations, pace, start, lanes, stratum, node, pending }: GroupWalk, ends: number[]): Placed {
  ends.sort((left, right) => left - right)
  const free = Array.from({ length: lanes }, (_, index) => Math.max(start, ends[index] ?? start))
  const own = hash(node.key)
  let [end, work, one] = [0, 0, 0]
  for (let index = 0; index < pending; index++) {
    const chosen = Math.min(durations.length - 1, Math.floor(stratum(own + index * GOLDEN) * durations.length))
    one = pace * (durations[chosen] ?? 1) * (1 + JITTER * (stratum(own + index) - 0.5))
    let next = 0
    for (let lane = 1; lane < lanes; lane++) if ((free[lane] ?? 0) < (free[next] ?? 0)) next = lane
    const at = (free[next] ?? start) + one
    free[next] = at
    work += one
    end = Math.max(end, at)
  }
  return { end, first: start + one, work }
}

function spread({ durations, pace, start, lanes, pending }: GroupWalk, ends: readonly number[]): Placed {
  const sum = durations.reduce((total, duration) => total + duration, 0)
  const one = (pace * sum) / durations.length
  const begun = ends.reduce((total, rest) => total + rest, 0)
  const longest = pace * (durations.at(-1) ?? 0)
  const end = start + (one * pending + begun) / lanes + 0.5 * longest * (1 - 1 / lanes)
  return { end, first: start + one, work: one * pending }
}

function latest(keys: readonly string[], ends: ReadonlyMap<string, number>): number {
  let end = 0
  for (const key of keys) end = Math.max(end, ends.get(key) ?? 0)
  return end
}

function anyGroup(runs: readonly PastRun[], key: string, draw: number): PastGroup | null {
  const found = runs.flatMap(({ groups }) => groups[key] ?? [])
  return found[draw % Math.max(1, found.length)] ?? null
}
