/*
 * Weighted progress of one run. The bar has a segment for each planned task and, for what was not planned, one for each task name or map.
 * Calls that a map announces share the weight of their segment, and work that nobody expected shares what was left of the bar, so that
 * neither pulls the number back.
 */
import type { PlannedTask } from '../definition/flow.ts'
import { SmallMap } from '../primitives/small-map.ts'
import { CallSegment } from './call-segment.ts'
import { ItemSegment } from './item-segment.ts'
import { NOTHING_LEARNED, type LearnedPlan } from './learned-plan.ts'
import { planSegments } from './plan-segments.ts'
import type { LiveFraction, MapItem, OpenMap, ProgressCall, Segment } from './progress-segment.ts'

export type { MapItem, OpenMap, ProgressCall } from './progress-segment.ts'

/** A segment as it is shown. */
export interface SegmentProgress {
  readonly name: string
  readonly weight: number
  readonly fraction: number
  readonly status: 'pending' | 'running' | 'succeeded' | 'failed'
}

/** A running task that reports nothing counts as this much of itself at most. */
const MAX_TIME_FRACTION = 0.95

/** Progress that is not a committed success stays below this. */
export const MAX_OPEN_PROGRESS = 0.99

// From here on its time counts less and less: what takes longer than usual goes on slowly instead of standing still.
const FULL_TIME_FRACTION = 0.8

/** How far a task is that has told nothing: its time against its estimate. Slower near its end, and never there. Range: 0..0.95. */
export function timeFraction(elapsedMs: number, estimatedMs: number | null): number {
  if (estimatedMs === null || estimatedMs <= 0 || !(elapsedMs > 0)) return 0
  const share = elapsedMs / estimatedMs
  if (share <= FULL_TIME_FRACTION) return share
  const rest = MAX_TIME_FRACTION - FULL_TIME_FRACTION
  return MAX_TIME_FRACTION - rest * Math.exp((FULL_TIME_FRACTION - share) / rest)
}

/** Adds up the progress of one run. */
export class ProgressModel {
  readonly #segments: SmallMap<Segment>
  readonly #ofCall = new SmallMap<Segment>()
  readonly #isPlanned: boolean
  // Segments that were expected and were not called yet.
  #pending: number
  #newest: Segment | null = null
  #finished = 0
  // What is left of the bar, over what is left of the work: less than 1 once work was found that nobody expected.
  #scale = 1

  /**
   * @param plan What the flow declares.
   * @param learned What past runs of it say.
   */
  constructor(plan: readonly PlannedTask[], learned: LearnedPlan = NOTHING_LEARNED) {
    this.#segments = planSegments(plan, learned)
    this.#pending = this.#segments.size
    this.#isPlanned = this.#pending > 0
  }

  /** A map starts. */
  openMap(map: OpenMap): void {
    const planned = this.#segments.get(map.name)
    // A planned name that turns out to be a map is made of its items.
    if (planned instanceof CallSegment && planned.calls === 0)
      this.#segments.set(map.name, new ItemSegment(map.name, { ...planned.facts, learned: null }))
    const own = this.#segments.get(map.name)
    if (own instanceof ItemSegment) this.#findWork(() => own.open(map))
  }

  /** A map inside of an item of another one starts. */
  openInside(item: MapItem, count: number): void {
    const own = this.#segments.get(item.map.name)
    if (own instanceof ItemSegment) own.openInside(item, count)
  }

  /** A map inside of an item has ended. */
  closeInside(item: MapItem): void {
    const own = this.#segments.get(item.map.name)
    if (own instanceof ItemSegment) own.closeInside(item)
  }

  /** An item of a map has ended. */
  finishItem(map: OpenMap, path: string): void {
    const own = this.#segments.get(map.name)
    if (own instanceof ItemSegment) own.finishItem(path)
  }

  /** All items of a map have ended, or will not start. */
  closeMap(map: OpenMap): void {
    for (const segment of this.#segments.values()) if (segment instanceof CallSegment) segment.closeMap(map.path)
  }

  /** A task call starts. Told again for the same key, it changes nothing. */
  begin(call: ProgressCall): void {
    if (this.#ofCall.has(call.key)) return
    const known = this.#segmentOf(call)
    // Only what was not expected, or not with this weight, is more work than before.
    if (known !== undefined && (known.calls > 0 || !known.facts.isOpen)) this.#beginIn(known, call)
    else this.#findWork(() => this.#beginIn(known ?? this.#newSegment(call), call))
  }

  #beginIn(segment: Segment, call: ProgressCall): void {
    if (segment.calls === 0) this.#enter(segment)
    this.#ofCall.set(call.key, segment)
    segment.begin(call)
  }

  /** A task call has ended. */
  finish(key: string, isFailed: boolean): void {
    if (this.#ofCall.get(key)?.finish(key, isFailed)) this.#finished++
  }

  /** Calls that have ended. */
  get done(): number {
    return this.#finished
  }

  /** Calls known so far, those that a map announced, and planned tasks that were not called yet. */
  get total(): number {
    let total = this.#ofCall.size
    for (const { calls, announcedCalls } of this.#segments.values())
      total += calls + announcedCalls === 0 ? 1 : announcedCalls
    return total
  }

  /** The outermost maps that have called something, by their path, and how many items they have. */
  get maps(): ReadonlyMap<string, number> {
    const maps = new Map<string, number>()
    for (const segment of this.#segments.values()) segment.addMaps(maps)
    return maps
  }

  /** Name of what runs now; null when nothing does. */
  get current(): string | null {
    for (const segment of this.#segments.values()) if (segment.isLive) return segment.name
    return null
  }

  /** Share of the work done. Range: 0..1. @param liveFraction null: no running call is asked. */
  fraction(liveFraction: LiveFraction | null): number {
    const share = this.#share(liveFraction)
    return this.#scale === 1 ? share : 1 - this.#scale * (1 - share)
  }

  /** The segments in the order of the plan, then of their first call. */
  segments(liveFraction: LiveFraction): SegmentProgress[] {
    return [...this.#segments.values()].map((segment) => {
      const fraction = segment.fraction(liveFraction, this.#isLast(segment))
      return { name: segment.name, weight: segment.weight, fraction, status: status(segment, fraction) }
    })
  }

  #share(liveFraction: LiveFraction | null): number {
    let done = 0
    let total = 0
    let rounds = 0
    for (const segment of this.#segments.values()) {
      const { weight } = segment
      done += weight * segment.fraction(liveFraction, this.#isLast(segment))
      total += weight
      rounds += Math.max(1, segment.rounds.seen)
    }
    // Without a plan something unknown is always ahead: as much as the run comes to at a time.
    if (!this.#isPlanned) total += rounds === 0 ? 1 : total / rounds
    return done / total
  }

  /** What a plan ends with may be a loop; when it is not, the run ends with it. */
  #isLast(segment: Segment): boolean {
    return this.#isPlanned && this.#pending === 0 && segment === this.#newest
  }

  /** Work that nobody expected shares what is left of the bar with what is left to do. */
  #findWork(change: () => void): void {
    if (!this.#isPlanned) return change()
    const before = Math.min(MAX_OPEN_PROGRESS, this.#share(null))
    change()
    const after = this.#share(null)
    if (after < before) this.#scale *= (1 - before) / (1 - after)
  }

  /** The run comes to a segment for the first time: it has done with those that end before. */
  #enter(segment: Segment): void {
    const startsAt = segment.facts.learned?.startsAt ?? null
    for (const other of this.#segments.values()) if (other !== segment && isOver(other, startsAt)) other.rounds.close()
    if (segment.facts.isExpected) this.#pending--
    this.#newest = segment
  }

  #segmentOf({ name, item }: ProgressCall): Segment | undefined {
    const byTask = this.#segments.get(name)
    if (byTask instanceof CallSegment) return byTask
    return this.#segments.get(item === null ? besideMap(name) : item.map.name)
  }

  #newSegment({ name, item }: ProgressCall): Segment {
    const facts = { weight: item?.map.weight ?? null, isOpen: false, isExpected: false, learned: null }
    const segment =
      item === null || item.map.isOfCalls === true
        ? new CallSegment(name, facts)
        : new ItemSegment(item.map.name, facts)
    if (item !== null && segment instanceof ItemSegment) segment.open(item.map)
    this.#segments.set(item === null && this.#segments.has(name) ? besideMap(name) : segment.name, segment)
    return segment
  }
}

/** A task may have the name of a map, and be called outside of it. */
function besideMap(name: string): string {
  return `\n${name}`
}

function isOver({ facts: { learned } }: Segment, startsAt: number | null): boolean {
  return learned === null || (startsAt !== null && learned.endsAt <= startsAt)
}

function status(segment: Segment, fraction: number): SegmentProgress['status'] {
  if (segment.isLive) return 'running'
  if (segment.calls === 0) return 'pending'
  if (fraction < 1) return 'running'
  return segment.hasFailed ? 'failed' : 'succeeded'
}
