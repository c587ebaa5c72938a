/* Which faults a simulation has, and how often: each seed switches kinds on and off and draws the rates of the others. */
import type { Timeline } from './timeline.ts'

/** What goes wrong. Rates are probabilities per call, from 0 to 1. */
export interface FaultPlan {
  /** A call does not reach the storage. */
  readonly lostCalls: number
  /** A call is made and its answer is lost: nobody knows whether it was stored. */
  readonly lostAnswers: number
  /** A call or an answer takes seconds. */
  readonly slowCalls: number
  /** The process dies when it calls the storage, before or after the call is made. */
  readonly crashingCalls: number
  /** Calls of one process reach the storage in the order in which they were made. */
  readonly isOrdered: boolean
  /** Mischief between calls: how likely each kind is chosen. */
  readonly kills: number
  readonly pauses: number
  readonly partitions: number
  readonly outages: number
  readonly clockJumps: number
  readonly restarts: number
}

/** Draws the faults of a seed. */
export function drawFaults(timeline: Timeline): FaultPlan {
  const rate = (probability: number, highest: number): number =>
    timeline.chance(probability) ? highest * timeline.random() : 0
  return {
    lostCalls: rate(0.5, 0.05),
    lostAnswers: rate(0.6, 0.06),
    slowCalls: rate(0.5, 0.05),
    crashingCalls: rate(0.6, 0.02),
    isOrdered: timeline.chance(0.5),
    kills: rate(0.7, 1),
    pauses: rate(0.6, 1),
    partitions: rate(0.5, 1),
    outages: rate(0.4, 0.6),
    clockJumps: rate(0.4, 1),
    restarts: rate(0.4, 0.8),
  }
}

/** Nothing goes wrong any more. */
export const CALM: FaultPlan = {
  lostCalls: 0,
  lostAnswers: 0,
  slowCalls: 0,
  crashingCalls: 0,
  isOrdered: true,
  kills: 0,
  pauses: 0,
  partitions: 0,
  outages: 0,
  clockJumps: 0,
  restarts: 0,
}
