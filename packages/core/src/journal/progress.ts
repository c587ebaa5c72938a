/*
 * Weighted progress of one run. The bar has a segment for each planned task and, for what was not planned, one for each task name or map.
 * Calls that a map announces share the weight of their segment, so that a fan-out does not pull the number back.
 */
import type { PlannedTask } from '../definition/flow.ts'
import {
  CallSegment,
  ItemSegment,
  type LiveFraction,
  type OpenMap,
  type ProgressCall,
  type Segment,
} from './progress-segment.ts'

export type { OpenMap, ProgressCall } from './progress-segment.ts'

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

/** How far a task is that has told nothing: its time against its estimate, capped. Range: 0..0.95. */
export function timeFraction(elapsedMs: number, estimatedMs: number | null): number {
  if (estimatedMs === null || estimatedMs <= 0 || !(elapsedMs > 0)) return 0
  return Math.min(MAX_TIME_FRACTION, elapsedMs / estimatedMs)
}

/** Adds up the progress of one run. */
export class ProgressModel {
  readonly #segments = new Map<string, Segment>()
  readonly #ofCall = new Map<string, Segment>()
  readonly #isPlanned: boolean
  #finished = 0

  constructor(plan: readonly PlannedTask[]) {
    this.#isPlanned = plan.length > 0
    for (const { name, weight } of plan) this.#segments.set(name, new CallSegment(name, weight))
  }

  /** A map starts. */
  openMap(map: OpenMap): void {
    const planned = this.#segments.get(map.name)
    // A planned name that turns out to be a map is made of its items.
    if (planned instanceof CallSegment && planned.calls === 0)
      this.#segments.set(map.name, new ItemSegment(map.name, planned.weight))
    const own = this.#segments.get(map.name)
    if (own instanceof ItemSegment) own.open(map)
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
    const segment = this.#segmentFor(call)
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

  /** Name of what runs now; null when nothing does. */
  get current(): string | null {
    for (const segment of this.#segments.values()) if (segment.isLive) return segment.name
    return null
  }

  /** Share of the work done. Range: 0..1. @param liveFraction null: no running call has told anything, so that none is asked. */
  fraction(liveFraction: LiveFraction | null): number {
    let done = 0
    let total = 0
    for (const segment of this.#segments.values()) {
      done += segment.weight * segment.fraction(liveFraction)
      total += segment.weight
    }
    // Without a plan something unknown is always ahead: as much as an average segment.
    if (!this.#isPlanned) total += this.#segments.size === 0 ? 1 : total / this.#segments.size
    return done / total
  }

  /** The segments in the order of the plan, then of their first call. */
  segments(liveFraction: LiveFraction): SegmentProgress[] {
    return [...this.#segments.values()].map((segment) => {
      const fraction = segment.fraction(liveFraction)
      return { name: segment.name, weight: segment.weight, fraction, status: status(segment, fraction) }
    })
  }

  #segmentFor(call: ProgressCall): Segment {
    const byTask = this.#segments.get(call.name)
    if (byTask instanceof CallSegment) return byTask
    if (call.item === null) return this.#add(new CallSegment(call.name, null))
    const byMap = this.#segments.get(call.item.map.name)
    if (byMap) return byMap
    const created = new ItemSegment(call.item.map.name, call.item.map.weight ?? 1)
    created.open(call.item.map)
    return this.#add(created)
  }

  #add<S extends Segment>(segment: S): S {
    this.#segments.set(segment.name, segment)
    return segment
  }
}

function status(segment: Segment, fraction: number): SegmentProgress['status'] {
  if (segment.isLive) return 'running'
  if (segment.calls === 0) return 'pending'
  if (fraction < 1) return 'running'
  return segment.hasFailed ? 'failed' : 'succeeded'
}
