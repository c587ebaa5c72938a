/*
 * Numbers that are counted while an engine works. Counting is on the path of every task, so a series is found by one look into a map;
 * everything else waits until somebody asks for the text.
 */

/** What a label says when there are too many values to tell apart. */
const OTHER = 'other'

// Names of flows and tasks are few, but nothing forces them to be: a name made of an id must not fill the memory of the host.
const MAX_SERIES = 500

/** One counted thing with the values of its labels. */
export interface LabelledSeries<S> {
  readonly labels: readonly string[]
  readonly series: S
}

/** All series of the same labels. Beyond a number of them, the rest is counted together as `other`. */
export class SeriesTable<S> {
  readonly labelNames: readonly string[]
  readonly #create: () => S
  readonly #maxSeries: number
  readonly #entries = new Map<string, LabelledSeries<S>>()
  #overflow: LabelledSeries<S> | null = null

  constructor(labelNames: readonly string[], create: () => S, maxSeries: number = MAX_SERIES) {
    this.labelNames = labelNames
    this.#create = create
    this.#maxSeries = maxSeries
  }

  /** The series of these label values; made when there is none. */
  of(...labels: readonly string[]): S {
    const key = labels.join('\0')
    const known = this.#entries.get(key)
    if (known) return known.series
    if (this.#entries.size >= this.#maxSeries) {
      this.#overflow ??= { labels: labels.map(() => OTHER), series: this.#create() }
      return this.#overflow.series
    }
    const entry = { labels, series: this.#create() }
    this.#entries.set(key, entry)
    return entry.series
  }

  /** All series, in the order they came. */
  all(): readonly LabelledSeries<S>[] {
    return this.#overflow ? [...this.#entries.values(), this.#overflow] : [...this.#entries.values()]
  }
}

/** A number that only grows. */
export interface Count {
  value: number
}

/** Makes a count of nothing. */
export function noneCounted(): Count {
  return { value: 0 }
}

/** How many observations were at most as large as each of some bounds. */
export class Buckets {
  /** Upper bounds, rising. */
  readonly bounds: readonly number[]
  /** Observations per bucket, each counted once; the last is for those above all bounds. */
  readonly counts: Float64Array
  #sum = 0

  constructor(bounds: readonly number[]) {
    this.bounds = bounds
    this.counts = new Float64Array(bounds.length + 1)
  }

  get sum(): number {
    return this.#sum
  }

  /** Counts a value; negative ones, as after a clock was set back, count as 0. */
  observe(value: number): void {
    const actual = Math.max(0, value)
    const { bounds, counts } = this
    let index = 0
    while (index < bounds.length && actual > (bounds[index] ?? Infinity)) index++
    counts[index] = (counts[index] ?? 0) + 1
    this.#sum += actual
  }
}
