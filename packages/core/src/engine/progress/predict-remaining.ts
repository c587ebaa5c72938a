/*
 * How long a run still takes. Each past run is a line of time on which this one has come to some place; what is left of the line from there
 * is one forecast, and all of them together say how sure it is. Pure.
 */
import type { RunObservation, SeenTask } from './run-observation.ts'
import type { RunShape, TaskShape } from './run-shape.ts'

/** A forecast of the remaining time. Unit: ms. */
export interface Prediction {
  readonly remainingMs: number
  /** Four of five runs end between these. */
  readonly earlyMs: number
  readonly lateMs: number
  /** The whole time that nine of ten past runs did not exceed. */
  readonly usualMs: number
}

// The newest run counts most; one that is forty runs old a third of it.
const DECAY = 0.97
// With few runs behind it an interval has to be wide: nobody knows yet how much runs differ.
const FEW_RUNS_SPREAD = 0.65
// A call that takes longer than ever takes some more: this part of what it took so far.
const TAIL = 0.2

/** @param past Runs that succeeded, the oldest first. null: there are none. */
export function predictRemaining(past: readonly RunShape[], seen: RunObservation): Prediction | null {
  if (past.length === 0) return null
  const forecasts = past.map((shape, index) => ({
    value: remainingLike(shape, seen) + seen.sleepsMs,
    weight: DECAY ** (past.length - 1 - index),
  }))
  const totals = past.map(({ total }) => ({ value: total, weight: 1 }))
  const spread = Math.exp((FEW_RUNS_SPREAD / (1 + past.length)) * 1.28)
  const remainingMs = quantile(forecasts, 0.5)
  return {
    remainingMs,
    earlyMs: Math.max(seen.sleepsMs, Math.min(remainingMs, quantile(forecasts, 0.1) / spread)),
    lateMs: Math.max(remainingMs, quantile(forecasts, 0.9) * spread),
    usualMs: quantile(totals, 0.9),
  }
}

/** What is left if this run goes on like that one. */
function remainingLike({ tasks, total }: RunShape, { tasks: seen, elapsedMs }: RunObservation): number {
  let place = 0
  let tail = 0
  for (const [name, task] of seen) {
    const then = tasks[name]
    if (then) place = Math.max(place, placeOf(then, task))
    for (const { elapsedMs: sinceMs, reported } of task.running)
      if (reported === null && then?.ms !== null && then !== undefined && sinceMs > then.ms)
        tail = Math.max(tail, TAIL * sinceMs)
  }
  if (seen.size === 0) place = Math.min(elapsedMs, total)
  return Math.max(total - place, tail, 1)
}

function placeOf({ from, to, calls, ms }: TaskShape, { done, running }: SeenTask): number {
  const known = Math.max(calls, done + running.length)
  let part = done
  for (const { elapsedMs, reported, estimatedMs } of running) {
    const usual = ms ?? estimatedMs
    part += reported ?? (usual === null || usual <= 0 ? 0 : Math.min(0.95, elapsedMs / usual))
  }
  return from + (to - from) * Math.min(1, part / known)
}

/** @param values At least one. */
export function quantile(
  values: readonly { readonly value: number; readonly weight: number }[],
  level: number,
): number {
  const sorted = values.toSorted((left, right) => left.value - right.value)
  const wanted = level * sorted.reduce((sum, { weight }) => sum + weight, 0)
  let reached = 0
  const found = sorted.find(({ weight }) => (reached += weight) >= wanted)
  return (found ?? sorted.at(-1))?.value ?? 0
}
