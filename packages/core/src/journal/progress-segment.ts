/** How far a running call is. Range: 0..1. */
export type LiveFraction = (key: string) => number

/** A map that is running, seen from the outside. */
export interface OpenMap {
  /** Path of the map, for example `pages#1`. */
  readonly path: string
  readonly name: string
  readonly count: number
  /** Weight of the whole map; null when it was not declared. */
  readonly weight: number | null
}

/** A task call as progress sees it. */
export interface ProgressCall {
  readonly key: string
  readonly name: string
  readonly weight: number
  /** The outermost map that the call is in, and the path of its item; null outside of maps. */
  readonly item: { readonly map: OpenMap; readonly path: string } | null
}

/** A part of the progress bar. */
export interface Segment {
  readonly name: string
  readonly weight: number
  /** Whether a call runs. */
  readonly isLive: boolean
  /** Calls so far. */
  readonly calls: number
  /** Calls that are known to come, because a map announced them. */
  readonly announcedCalls: number
  readonly hasFailed: boolean
  begin(call: ProgressCall): void
  /** Gives false for a call that does not run. */
  finish(key: string, isFailed: boolean): boolean
  /** @param liveFraction null: no running call has told anything. Range: 0..1. */
  fraction(liveFraction: LiveFraction | null): number
}

/** A segment made of the calls of one task. Calls that a map announced share it from the start; others as they come. */
export class CallSegment implements Segment {
  readonly name: string
  readonly #plannedWeight: number | null
  readonly #live = new Map<string, number>()
  #announced: Map<string, { readonly count: number; seen: number }> | null = null
  #known = 0
  #finished = 0
  calls = 0
  hasFailed = false

  constructor(name: string, plannedWeight: number | null) {
    this.name = name
    this.#plannedWeight = plannedWeight
  }

  get weight(): number {
    return this.#plannedWeight ?? this.#known
  }

  get isLive(): boolean {
    return this.#live.size > 0
  }

  get announcedCalls(): number {
    if (this.#announced === null) return 0
    let missing = 0
    for (const { count, seen } of this.#announced.values()) missing += Math.max(0, count - seen)
    return missing
  }

  /** The items of a map have ended: those that did not call the task will not. */
  closeMap(path: string): void {
    const announced = this.#announced?.get(path)
    if (announced) this.#announced?.set(path, { ...announced, count: announced.seen })
  }

  begin({ key, weight, item }: ProgressCall): void {
    this.calls++
    this.#known += weight
    this.#live.set(key, weight)
    if (item === null) return
    this.#announced ??= new Map()
    const announced = this.#announced.get(item.map.path) ?? { count: item.map.count, seen: 0 }
    announced.seen++
    this.#announced.set(item.map.path, announced)
  }

  finish(key: string, isFailed: boolean): boolean {
    const weight = this.#live.get(key)
    if (weight === undefined) return false
    this.#finished += weight
    this.#live.delete(key)
    this.hasFailed ||= isFailed
    return true
  }

  fraction(liveFraction: LiveFraction | null): number {
    if (this.calls === 0) return 0
    let done = this.#finished
    if (liveFraction) for (const [key, weight] of this.#live) done += weight * liveFraction(key)
    return done / (this.#known + this.announcedCalls * (this.#known / this.calls))
  }
}

interface Item {
  readonly live: Set<string>
  calls: number
  finished: number
}

/** A segment made of the items of maps of one name. */
export class ItemSegment implements Segment {
  readonly name: string
  readonly weight: number
  readonly #items = new Map<string, Item>()
  readonly #itemOfCall = new Map<string, Item>()
  readonly #maps = new Set<string>()
  #count = 0
  #finishedItems = 0
  #callsOfFinishedItems = 0
  calls = 0
  hasFailed = false

  constructor(name: string, weight: number) {
    this.name = name
    this.weight = weight
  }

  get isLive(): boolean {
    return this.#itemOfCall.size > 0
  }

  /** At least one for each item that has not started. */
  get announcedCalls(): number {
    return Math.max(0, this.#count - this.#finishedItems - this.#items.size)
  }

  open(map: OpenMap): void {
    if (this.#maps.has(map.path)) return
    this.#maps.add(map.path)
    this.#count += map.count
  }

  begin({ key, item }: ProgressCall): void {
    if (item === null) return
    this.calls++
    const one = this.#items.get(item.path) ?? { live: new Set(), calls: 0, finished: 0 }
    one.calls++
    one.live.add(key)
    this.#items.set(item.path, one)
    this.#itemOfCall.set(key, one)
  }

  finish(key: string, isFailed: boolean): boolean {
    const item = this.#itemOfCall.get(key)
    if (!item) return false
    this.#itemOfCall.delete(key)
    item.live.delete(key)
    item.finished++
    this.hasFailed ||= isFailed
    return true
  }

  /** All of an item is done, also what was not a task. */
  finishItem(path: string): void {
    this.#finishedItems++
    this.#callsOfFinishedItems += this.#items.get(path)?.calls ?? 0
    this.#items.delete(path)
  }

  fraction(liveFraction: LiveFraction | null): number {
    if (this.#count === 0) return this.#maps.size > 0 ? 1 : 0
    const usualCalls = this.#finishedItems === 0 ? 1 : this.#callsOfFinishedItems / this.#finishedItems
    let done = this.#finishedItems
    for (const item of this.#items.values()) {
      let calls = item.finished
      if (liveFraction) for (const key of item.live) calls += liveFraction(key)
      done += calls / Math.max(1, item.calls, usualCalls)
    }
    return Math.min(1, done / this.#count)
  }
}
