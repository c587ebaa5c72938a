/* Forecasts of a run, in the words of estimates: from past runs of its flow, or else from the times that its plan declares. Pure. */
import type { PlannedTask } from '../../definition/flow.ts'
import { announcedCalls } from './announced-calls.ts'
import type { FlowModel } from './flow-model.ts'
import type { RunObservation } from './run-observation.ts'
import type { RunShape } from './run-shape.ts'
import { RunTwin } from './twin/run-twin.ts'

/** A forecast of the remaining time. Unit: ms. */
export interface Prediction {
  readonly remainingMs: number
  /** Four of five runs end between these. */
  readonly earlyMs: number
  readonly lateMs: number
  /** The whole time that nine of ten runs did not exceed. */
  readonly usualMs: number
}

/** What is known of past runs. */
export type KnownRuns = Pick<FlowModel, 'past' | 'twin' | 'plan'>

/** A run that has not started. */
export const NOTHING_SEEN: RunObservation = {
  elapsedMs: 0,
  tasks: new Map(),
  calls: [],
  maps: new Map(),
  sleepsMs: 0,
  waitsFor: null,
}

const USUAL_LEVEL = 0.9
const declared = new WeakMap<readonly PlannedTask[], RunTwin>()

/** @param seed The same for a run in each of its updates. null: nothing is known. */
export function predictRun(
  model: KnownRuns | null,
  plan: readonly PlannedTask[],
  seen: RunObservation,
  seed: number,
): Prediction | null {
  const past = model?.past ?? []
  const twin = model !== null && past.length > 0 ? model.twin : declaredTwin(plan)
  const { elapsedMs, calls, sleepsMs, maps } = seen
  const announced = announcedCalls(maps, calls, model?.plan ?? [])
  const options = { seed, lanes: lanesOf(past), listed: 'started', announced } as const
  const forecast = twin.predict(elapsedMs, calls, options)
  if (forecast === null) return null
  // How long it sleeps for certain, when it does nothing else.
  const atLeast = (ms: number): number => Math.round(Math.max(1, sleepsMs, ms))
  const isPlanned = past.length === 0 && calls.length === 0
  const medianMs = isPlanned ? plan.reduce((sum, { estimatedMs }) => sum + (estimatedMs ?? 0), 0) : forecast.median
  const totals = past.map(({ total }) => total).toSorted((left, right) => left - right)
  const usual = totals[Math.min(totals.length - 1, Math.floor(USUAL_LEVEL * totals.length))]
  return {
    remainingMs: atLeast(medianMs),
    earlyMs: atLeast(Math.min(forecast.low, medianMs)),
    lateMs: atLeast(Math.max(forecast.high, medianMs)),
    usualMs: usual ?? twin.predict(0, [], { ...options, announced: new Map() })?.high ?? Infinity,
  }
}

// What a flow does one after the other it does so the next time.
function lanesOf(past: readonly RunShape[]): number {
  return past.length === 0 ? Infinity : Math.max(...past.map(({ lanes }) => lanes))
}

/** The tasks of a plan one after the other; nothing is known when a time is missing. */
function declaredTwin(plan: readonly PlannedTask[]): RunTwin {
  const known = declared.get(plan)
  if (known !== undefined) return known
  const tasks = plan.flatMap(({ name, estimatedMs }, index) => {
    const before = plan[index - 1]?.name
    return estimatedMs === null ? [] : [{ key: name, deps: before === undefined ? [] : [before], ms: estimatedMs }]
  })
  const twin = RunTwin.declared(tasks.length === plan.length ? tasks : [])
  declared.set(plan, twin)
  return twin
}
