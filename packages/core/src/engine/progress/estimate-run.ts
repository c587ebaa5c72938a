/* The estimate of one run from what is known and what can be seen. Pure. */
import type { PlannedTask } from '../../definition/flow.ts'
import { basisText, estimateSentence } from './estimate-text.ts'
import type { EstimateState, EstimateView } from './estimate-view.ts'
import { predictRun, type KnownRuns, type Prediction } from './predict-run.ts'
import type { RunObservation } from './run-observation.ts'
import type { RunShape } from './run-shape.ts'
import type { ShownEstimate } from './shown-estimate.ts'

/** What an estimate is made from. */
export interface EstimateInput {
  /** What is known of past runs that succeeded. */
  readonly model: KnownRuns
  /** The same for a run in each of its updates. */
  readonly seed: number
  readonly plan: readonly PlannedTask[]
  readonly configuration: string
  readonly seen: RunObservation
  /** Unit: ms since 1970 UTC. */
  readonly now: number
}

// What takes this many times as long as ever is not merely slow.
const STALLED_TIMES = 3
const MIN_STALLED_MS = 10_000

/** @param shown What was shown of the run so far; it takes the new forecast. */
export function estimateRun(input: EstimateInput, shown: ShownEstimate): EstimateView {
  const { model, plan, configuration, seen, seed, now } = input
  const { past } = model
  const prediction = predictRun(model, plan, seen, seed)
  const nothing = { finishAt: null, early: null, late: null, startsInMs: null, ahead: null }
  const facts = { earlyMs: 0, lateMs: 0, waitsFor: seen.waitsFor, culprit: null }
  if (prediction === null) {
    const state = seen.waitsFor === null ? 'none' : 'waiting'
    const sentence = estimateSentence({ ...facts, state, remainingMs: null })
    return { ...nothing, state, remainingMs: null, fraction: null, basis: 'from nothing yet', sentence }
  }
  const { remainingMs, earlyMs, lateMs } = prediction
  const culprit = culpritOf(past, seen)
  shown.update({ elapsedMs: seen.elapsedMs, remainingMs, lateMs, state: stateOf(input, prediction, culprit) })
  const { state, fraction } = shown
  const shownMs = Math.round(Math.min(lateMs, Math.max(earlyMs, shown.remainingMs)))
  const view = { state, remainingMs: shownMs, fraction, basis: basisText(model.twin.kept, configuration) }
  const sentence = estimateSentence({ ...facts, ...prediction, state, remainingMs: shownMs, culprit })
  // Nobody knows when people answer.
  if (state === 'waiting') return { ...nothing, ...view, sentence }
  const at = (ms: number): string => new Date(now + ms).toISOString()
  return { ...nothing, ...view, finishAt: at(shownMs), early: at(earlyMs), late: at(lateMs), sentence }
}

function stateOf(
  { model: { past }, seen }: EstimateInput,
  { usualMs }: Prediction,
  culprit: string | null,
): EstimateState {
  if (seen.waitsFor !== null) return 'waiting'
  if (past.length === 0) return 'first-run'
  if (culprit !== null) return 'stalled'
  return seen.elapsedMs > usualMs ? 'slow' : 'ok'
}

/** The task that has run several times as long as it ever did, and tells nothing. */
function culpritOf(past: readonly RunShape[], { tasks }: RunObservation): string | null {
  for (const [name, { running }] of tasks) {
    const longest = Math.max(...past.flatMap((shape) => shape.tasks[name]?.ms ?? []))
    const limit = Math.max(MIN_STALLED_MS, STALLED_TIMES * longest)
    if (Number.isFinite(longest) && running.some(({ elapsedMs, reported }) => reported === null && elapsedMs > limit))
      return name
  }
  return null
}
