/*
 * The rest of a run, once, with all durations of one past run: what depends on each other there depends on each other here. Walks the tasks
 * with parents first. Nothing is allocated on the way: a forecast does this 32 times.
 */
import { drawOf } from './draws.ts'
import type { PastTask } from './past-task.ts'
import { restOfCall, type DrawnTask } from './rest-of-call.ts'
import type { RunningCall, SeenGroup } from './seen-groups.ts'
import type { PastGroup } from './twin-state.ts'

/** A task on the way. */
export interface WalkNode {
  /** Places of those that it waits for. */
  readonly parents: readonly number[]
  /** Most of its calls at once. */
  readonly lanes: number
  /** It starts before those that it waits for have all ended. */
  readonly isPiped: boolean
  readonly seen: SeenGroup | undefined
  readonly past: PastTask | undefined
  /** Whether its number of calls is final. */
  readonly isClosed: boolean
  readonly hash: number
}

/** What all draws of one forecast share. */
export interface Walk {
  /** Tasks that do not come, although nothing keeps them. */
  readonly overdue: readonly PastTask[]
  /** Parents first. */
  readonly nodes: readonly WalkNode[]
  readonly seed: number
  /** Since the run started. Unit: ms. */
  readonly now: number
  /** Calls that may run at once in all. */
  readonly lanes: number
}

/** One draw: which past run, at which pace. */
export interface Draw {
  readonly number: number
  /** Place of the past run. */
  readonly run: number
  readonly pace: number
}

// More are not laid out one by one: they take their mean on all lanes.
const MAX_LAID_OUT = 24
// Two calls never take the same time.
const JITTER = 0.06
const GOLDEN = 2_654_435_761
// Below this a report says nothing about the rest.
const MIN_FRACTION = 0.02
const JUST_MS = 1e-3
// From so many hundredths of a run on, the time before a task is looked at run by run.
const USUAL_GAP = 3
const NO_CALLS: readonly RunningCall[] = []
const UNKNOWN: readonly number[] = [1]

/** Simulates the rest of one run. */
export class RestSimulation {
  readonly #walk: Walk
  // By the place of the task: when its first and its last call ends, and how many it has.
  readonly #firsts: Float64Array
  readonly #lasts: Float64Array
  readonly #counts: Float64Array
  // When the calls of one task end that run, and when lanes come free.
  readonly #ends: number[] = []
  readonly #free = new Float64Array(MAX_LAID_OUT)
  #draw: Draw = { number: 0, run: 0, pace: 1 }
  // Of the task that is being placed.
  #end = 0
  #first = 0
  #work = 0

  constructor(walk: Walk) {
    this.#walk = walk
    this.#firsts = new Float64Array(walk.nodes.length)
    this.#lasts = new Float64Array(walk.nodes.length)
    this.#counts = new Float64Array(walk.nodes.length)
  }

  /** What is left of the run. Unit: ms. */
  rest(draw: Draw): number {
    this.#draw = draw
    this.#counts.fill(0)
    this.#firsts.fill(0)
    this.#lasts.fill(0)
    const { nodes, lanes } = this.#walk
    let [last, work] = [0, 0]
    for (let place = 0; place < nodes.length; place++) {
      const node = nodes[place]
      if (node === undefined) continue
      const n = this.#countOf(node)
      this.#counts[place] = n
      if (n === (node.seen?.done ?? 0)) {
        this.#pass(place, node)
        continue
      }
      this.#walkTo(place, node, n)
      last = Math.max(last, this.#lasts[place] ?? 0)
      work += this.#work
    }
    return Math.max(last, work / lanes)
  }

  /** A task without a call to come. What waits for one that does not come at all waits for what that would have waited for. */
  #pass(place: number, { seen, parents }: WalkNode): void {
    this.#firsts[place] = seen ? 0 : this.#latest(parents, this.#firsts)
    this.#lasts[place] = seen ? seen.endedAt - this.#walk.now : this.#latest(parents, this.#lasts)
  }

  /** When the last of them ends, or ended: below 0 in the past. */
  #latest(places: readonly number[], ends: Float64Array): number {
    let end = -this.#walk.now
    for (const place of places) end = Math.max(end, ends[place] ?? 0)
    return end
  }

  #walkTo(place: number, node: WalkNode, n: number): void {
    const { seen, past, parents, isPiped } = node
    const { number, run, pace } = this.#draw
    const then = past?.groups[run] ?? past?.any(number)
    const hasStarted = seen !== undefined && seen.done + seen.running.length > 0
    const ready = this.#latest(parents, this.#lasts)
    const barrier = Math.max(0, hasStarted ? ready : ready + this.#gap(node, then, -ready))
    let start = barrier
    if (isPiped) start = seen ? 0 : Math.max(0, this.#latest(parents, this.#firsts))
    const running = seen?.running ?? NO_CALLS
    const pending = n - (seen?.done ?? 0) - running.length
    const durations = then?.d ?? UNKNOWN
    const drawn = { past, durations, pace }
    this.#place(drawn, running, pending)
    if (pending > 0) {
      const lanes = Math.max(1, Math.min(node.lanes, n, this.#walk.lanes))
      if (pending <= MAX_LAID_OUT) this.#layOut(drawn, { pending, start, lanes, hash: node.hash })
      else this.#spread(drawn, { pending, start, lanes })
    }
    this.#firsts[place] = (seen?.done ?? 0) > 0 ? 0 : this.#first
    this.#lasts[place] = isPiped && pending > 0 ? Math.max(this.#end, barrier + this.#first - start) : this.#end
  }

  /** How long after all that it waits for a task begins. */
  #gap({ past, hash }: WalkNode, then: PastGroup | undefined, waited: number): number {
    const usual = past?.usualGap ?? 0
    // What rarely waits, and then for something else, waits as usual.
    if (past === undefined || usual < USUAL_GAP * past.slack) return usual
    const drawn = then?.gap ?? usual
    if (waited < drawn) return drawn
    return waited + restOfCall({ past: past.gaps, durations: [drawn], pace: 1 }, waited, this.#level(hash))
  }

  /** How many calls a task will have: of a fan-out that is not known yet, in proportion to what it follows. */
  #countOf({ seen, past, parents, isClosed }: WalkNode): number {
    const { run } = this.#draw
    const known = seen?.n ?? 0
    const then = past?.groups[run]
    if (isClosed || !then) return known
    // What came once brought together what was there, however much it was.
    if (then.n === 1) return Math.max(known, 1)
    let [expected, largest] = [then.n, 0]
    for (const parent of parents) {
      const before = this.#walk.nodes[parent]?.past?.groups[run]?.n ?? 0
      const now = this.#counts[parent] ?? 0
      if (now === 0 || before <= largest) continue
      largest = before
      expected = (then.n / before) * now
    }
    return Math.max(known, Math.round(expected))
  }

  /** The calls that run. */
  #place(drawn: DrawnTask, running: readonly RunningCall[], pending: number): void {
    let [end, first, work] = [0, Infinity, 0]
    const isLaidOut = pending > 0 && pending <= MAX_LAID_OUT
    this.#ends.length = 0
    for (const call of running) {
      const rest = withReport(restOfCall(drawn, call.elapsed, this.#level(call.hash)), call)
      if (isLaidOut) this.#ends.push(rest)
      work += rest
      if (rest > end) end = rest
      if (rest < first) first = rest
    }
    this.#end = end
    this.#work = work
    this.#first = pending === 0 && first === Infinity ? end : first
  }

  /** The calls that wait, one by one on the lanes that come free. */
  #layOut({ durations, pace }: DrawnTask, { pending, start, lanes, hash }: Waiting & { readonly hash: number }): void {
    const free = this.#free
    const used = this.#freeLanes(Math.min(lanes, pending), lanes - this.#ends.length, start)
    let [end, work, one] = [0, 0, 0]
    for (let index = 0; index < pending; index++) {
      const place = Math.floor(this.#level(hash + index * GOLDEN) * durations.length)
      const duration = durations[Math.min(durations.length - 1, place)] ?? 1
      one = pace * duration * (1 + JITTER * (this.#level(hash + index) - 0.5))
      let next = 0
      for (let lane = 1; lane < used; lane++) if ((free[lane] ?? 0) < (free[next] ?? 0)) next = lane
      const at = (free[next] ?? start) + one
      free[next] = at
      work += one
      end = Math.max(end, at)
    }
    this.#add(end, start + one, work)
  }

  /** Those that come free first: no others are taken by so few calls. */
  #freeLanes(used: number, idle: number, start: number): number {
    const ends = this.#ends
    if (ends.length > 1) ends.sort((left, right) => left - right)
    for (let lane = 0; lane < used; lane++)
      this.#free[lane] = lane < idle ? start : Math.max(start, ends[lane - Math.max(0, idle)] ?? start)
    return used
  }

  /** The calls that wait, all at once. */
  #spread({ durations, pace }: DrawnTask, { pending, start, lanes }: Waiting): void {
    const one = (pace * sumOf(durations)) / durations.length
    const longest = pace * (durations.at(-1) ?? 0)
    const end = start + (one * pending + this.#work) / lanes + 0.5 * longest * (1 - 1 / lanes)
    this.#add(end, start + one, one * pending)
  }

  #add(end: number, first: number, work: number): void {
    this.#end = Math.max(this.#end, end)
    this.#first = Math.min(this.#first, first)
    this.#work += work
  }

  #level(number: number): number {
    return drawOf((number ^ this.#walk.seed) >>> 0, this.#draw.number)
  }
}

interface Waiting {
  readonly pending: number
  readonly start: number
  readonly lanes: number
}

/** The more a task has told, the more it is believed. */
function withReport(rest: number, { elapsed, fraction }: RunningCall): number {
  if (fraction === null || fraction <= MIN_FRACTION) return rest
  const told = (elapsed * (1 - fraction)) / fraction
  return Math.exp((1 - fraction) * Math.log(rest + JUST_MS) + fraction * Math.log(told + JUST_MS))
}

function sumOf(values: readonly number[]): number {
  let sum = 0
  for (const value of values) sum += value
  return sum
}
