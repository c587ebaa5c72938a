import type { LearnedTask } from './learned-plan.ts'
import type { Rounds } from './rounds.ts'

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
  /** Each item is a call of one task, which has the name of the map. Default: an item calls whatever it likes. */
  readonly isOfCalls?: boolean
}

/** The outermost map that something is in, and the path of its item. */
export interface MapItem {
  readonly map: OpenMap
  readonly path: string
}

/** A task call as progress sees it. */
export interface ProgressCall {
  readonly key: string
  readonly name: string
  readonly weight: number
  /** null outside of maps. */
  readonly item: MapItem | null
}

/** What is known of a segment before its first call. */
export interface SegmentFacts {
  /** null: that of its calls. */
  readonly weight: number | null
  /** The weight depends on arguments: it is that of the calls, once there are some. */
  readonly isOpen: boolean
  /** Whether it was there before its first call. */
  readonly isExpected: boolean
  readonly learned: LearnedTask | null
}

/** A part of the progress bar. */
export interface Segment {
  readonly name: string
  readonly weight: number
  readonly facts: SegmentFacts
  readonly rounds: Rounds
  /** Whether a call runs. */
  readonly isLive: boolean
  /** Calls so far. */
  readonly calls: number
  /** Calls that are known to come, because a map announced them. */
  readonly announcedCalls: number
  readonly hasFailed: boolean
  /** Adds the maps whose calls it has: their paths, and how many items they have. */
  addMaps(maps: Map<string, number>): void
  begin(call: ProgressCall): void
  /** Gives false for a call that does not run. */
  finish(key: string, isFailed: boolean): boolean
  /**
   * Range: 0..1.
   *
   * @param liveFraction null: no running call is asked.
   * @param isLast Whether nothing is known to come after it.
   */
  fraction(liveFraction: LiveFraction | null, isLast: boolean): number
}
