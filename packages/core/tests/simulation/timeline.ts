/* Virtual time: a queue of events, ordered by time and, at equal times, by chance. One seed gives one history. */
import { seededRandom } from '../../src/testing/seeded-random.ts'

interface Event {
  readonly at: number
  readonly order: number
  readonly run: () => void
  isCancelled: boolean
}

// A round number that is easy to recognise: 2027-01-15T08:00:00Z.
const START = 1_800_000_000_000

/** The time, the chance and the history of one simulation. */
export class Timeline {
  readonly random: () => number
  /** Unit: ms since the start. */
  elapsed = 0
  events = 0
  #hash = 2_166_136_261
  readonly #queue: Event[] = []
  readonly #log: string[] | null

  constructor(seed: number, isVerbose: boolean) {
    this.random = seededRandom(seed)
    this.#log = isVerbose ? [] : null
  }

  /** True wall time. Unit: ms since 1970 UTC. */
  get now(): number {
    return START + this.elapsed
  }

  /** What happened, one line each; empty unless it is wanted. */
  get history(): readonly string[] {
    return this.#log ?? []
  }

  /** A number of all that happened: equal for two runs of one seed. */
  get hash(): string {
    return (this.#hash >>> 0).toString(16)
  }

  /** Remembers that something happened. */
  trace(what: string): void {
    for (let index = 0; index < what.length; index++)
      this.#hash = Math.imul(this.#hash ^ what.charCodeAt(index), 16_777_619)
    this.#log?.push(`${this.elapsed.toFixed(1).padStart(9)}  ${what}`)
  }

  /** Calls `run` later; gives a function that prevents it. */
  after(delayMs: number, run: () => void): () => void {
    const event: Event = { at: this.elapsed + Math.max(0, delayMs), order: this.random(), run, isCancelled: false }
    push(this.#queue, event)
    return () => {
      event.isCancelled = true
    }
  }

  /** A whole number from `min` to `max`. */
  between(min: number, max: number): number {
    return min + Math.floor(this.random() * (max - min + 1))
  }

  /** Whether something of this probability happens now. */
  chance(probability: number): boolean {
    return probability > 0 && this.random() < probability
  }

  /** One of these. */
  pick<T>(items: readonly [T, ...T[]]): T {
    return items[Math.floor(this.random() * items.length)] ?? items[0]
  }

  /** Lets time pass until `isOver`, or until `untilMs` have passed; gives whether it was over. */
  async pass(untilMs: number, isOver: () => boolean): Promise<boolean> {
    for (;;) {
      if (isOver()) return true
      const event = pop(this.#queue)
      if (event === undefined || event.at > untilMs) return false
      if (event.isCancelled) continue
      this.elapsed = event.at
      this.events++
      event.run()
      // Node runs all microtasks and ticks, and those that they start, before the next immediate.
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
}

function isBefore(left: Event, right: Event): boolean {
  return left.at < right.at || (left.at === right.at && left.order < right.order)
}

function push(queue: Event[], event: Event): void {
  let index = queue.push(event) - 1
  while (index > 0) {
    const parent = (index - 1) >> 1
    const above = queue[parent]
    if (above === undefined || isBefore(above, event)) break
    queue[index] = above
    index = parent
  }
  queue[index] = event
}

function pop(queue: Event[]): Event | undefined {
  const first = queue[0]
  const last = queue.pop()
  if (first === undefined || last === undefined || queue.length === 0) return first
  let index = 0
  for (;;) {
    let child = 2 * index + 1
    let below = queue[child]
    if (below === undefined) break
    const right = queue[child + 1]
    if (right !== undefined && isBefore(right, below)) {
      below = right
      child++
    }
    if (isBefore(last, below)) break
    queue[index] = below
    index = child
  }
  queue[index] = last
  return first
}
