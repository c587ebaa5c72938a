import type { LiveFraction, MapItem, OpenMap, ProgressCall, Segment, SegmentFacts } from './progress-segment.ts'
import { Rounds } from './rounds.ts'

interface Item {
  readonly live: Set<string>
  calls: number
  finished: number
  /** Calls that maps inside of the item have announced and that were not made yet. */
  announced: number
  openMaps: number
}

/** A segment made of the items of maps of one name. */
export class ItemSegment implements Segment {
  readonly name: string
  readonly weight: number
  readonly facts: SegmentFacts
  readonly rounds: Rounds = new Rounds()
  readonly #items = new Map<string, Item>()
  readonly #itemOfCall = new Map<string, Item>()
  readonly #maps = new Map<string, number>()
  #count = 0
  #finishedItems = 0
  #callsOfFinishedItems = 0
  calls = 0
  hasFailed = false

  constructor(name: string, facts: SegmentFacts) {
    this.name = name
    this.weight = facts.weight ?? 1
    this.facts = facts
  }

  get isLive(): boolean {
    return this.#itemOfCall.size > 0
  }

  /** At least one for each item that has not started. */
  get announcedCalls(): number {
    let inside = 0
    for (const { announced } of this.#items.values()) inside += announced
    return Math.max(0, this.#count - this.#finishedItems - this.#items.size) + inside
  }

  addMaps(maps: Map<string, number>): void {
    for (const [path, count] of this.#maps) maps.set(path, count)
  }

  open(map: OpenMap): void {
    if (this.#maps.has(map.path)) return
    this.#maps.set(map.path, map.count)
    this.#count += map.count
    this.rounds.add()
  }

  /** A map inside of an item starts: its calls share the item from now on. */
  openInside({ path }: MapItem, count: number): void {
    const item = this.#item(path)
    item.announced += count
    item.openMaps++
  }

  /** What was announced and was not called will not be, once no map is open. */
  closeInside({ path }: MapItem): void {
    const item = this.#items.get(path)
    if (item && --item.openMaps === 0) item.announced = 0
  }

  begin({ key, item }: ProgressCall): void {
    if (item === null) return
    this.calls++
    const one = this.#item(item.path)
    one.calls++
    if (one.announced > 0) one.announced--
    one.live.add(key)
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
    if (this.#count === 0) return this.#maps.size > 0 ? 1 / this.#stretch() : 0
    const usualCalls = this.#finishedItems === 0 ? 1 : this.#callsOfFinishedItems / this.#finishedItems
    let done = this.#finishedItems
    for (const item of this.#items.values()) {
      let calls = item.finished
      if (liveFraction) for (const key of item.live) calls += liveFraction(key)
      done += calls / Math.max(1, item.calls + item.announced, usualCalls)
    }
    return Math.min(1, done / this.#count) / this.#stretch()
  }

  #stretch(): number {
    return this.rounds.stretch(this.facts.learned?.rounds ?? null, false)
  }

  #item(path: string): Item {
    let item = this.#items.get(path)
    if (!item) {
      item = { live: new Set(), calls: 0, finished: 0, announced: 0, openMaps: 0 }
      this.#items.set(path, item)
    }
    return item
  }
}
