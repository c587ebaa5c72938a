import { SmallMap } from '../primitives/small-map.ts'
import type { LiveFraction, ProgressCall, Segment, SegmentFacts } from './progress-segment.ts'
import { Rounds } from './rounds.ts'

interface AnnouncedCalls {
  /** Items of the map, as far as they were told. */
  items: number
  seen: number
}

/** A segment made of the calls of one task. Calls that a map announced share it from the start; others as they come. */
export class CallSegment implements Segment {
  readonly name: string
  readonly facts: SegmentFacts
  readonly rounds: Rounds = new Rounds()
  readonly #live = new SmallMap<number>()
  #announced: Map<string, AnnouncedCalls> | null = null
  #known = 0
  #finished = 0
  calls = 0
  hasFailed = false

  constructor(name: string, facts: SegmentFacts) {
    this.name = name
    this.facts = facts
  }

  get weight(): number {
    const { weight, isOpen } = this.facts
    if (weight === null) return this.#known
    return isOpen && this.calls > 0 ? this.#size(false) : weight
  }

  get isLive(): boolean {
    return this.#live.size > 0
  }

  get announcedCalls(): number {
    if (this.#announced === null) return 0
    const perItem = this.facts.learned?.callsPerItem ?? 1
    let missing = 0
    for (const { items, seen } of this.#announced.values()) missing += Math.max(0, Math.round(items * perItem) - seen)
    return missing
  }

  addMaps(maps: Map<string, number>): void {
    for (const [path, { items }] of this.#announced ?? []) maps.set(path, items)
  }

  /** The items of a map have ended: those that did not call the task will not. */
  closeMap(path: string): void {
    this.#announced?.delete(path)
  }

  begin({ key, weight, item }: ProgressCall): void {
    this.calls++
    this.#known += weight
    this.#live.set(key, weight)
    if (item === null) return this.rounds.add()
    this.#announced ??= new Map()
    const announced = this.#announced.get(item.map.path)
    if (announced) {
      announced.items = Math.max(announced.items, item.map.count)
      announced.seen++
      return
    }
    this.#announced.set(item.map.path, { items: item.map.count, seen: 1 })
    this.rounds.add()
  }

  finish(key: string, isFailed: boolean): boolean {
    const weight = this.#live.get(key)
    if (weight === undefined) return false
    this.#finished += weight
    this.#live.delete(key)
    this.hasFailed ||= isFailed
    return true
  }

  fraction(liveFraction: LiveFraction | null, isLast: boolean): number {
    if (this.calls === 0) return 0
    let done = this.#finished
    if (liveFraction) for (const [key, weight] of this.#live) done += weight * liveFraction(key)
    // The first call has the whole segment as long as it runs; and a map says how many there are.
    return done / this.#size(isLast && this.#live.size === 0 && this.#announced === null)
  }

  /** Weight of the calls that were made, are announced, or are expected. */
  #size(isLast: boolean): number {
    const announced = this.announcedCalls
    const known = announced === 0 ? this.#known : this.#known * (1 + announced / this.calls)
    return known * this.rounds.stretch(this.facts.learned?.rounds ?? null, isLast)
  }
}
