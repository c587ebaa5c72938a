/* What a run is expected to look like, without running anything. Pure. */
import type { PlannedTask } from '../../definition/flow.ts'
import { basisText } from './estimate-text.ts'
import { NOTHING_SEEN, predictRun, type KnownRuns } from './predict-run.ts'
import { median, type RunShape } from './run-shape.ts'

/** A task as it is expected. */
export interface SimulatedTask {
  readonly name: string
  /** Range: > 0. */
  readonly calls: number
  /** First start and last end, from the start of the run. Unit: ms. null: nobody knows. */
  readonly startMs: number | null
  readonly endMs: number | null
  /** How long one call takes. Unit: ms. null: nobody knows. */
  readonly callMs: number | null
  /** Where that is from: `past-runs`, `declared` by the plan, or nothing is known. */
  readonly basis: 'past-runs' | 'declared' | 'unknown'
}

/** The expected length of a run. Unit: ms. null: nobody knows. */
export interface ExpectedLength {
  readonly totalMs: number | null
  /** Four of five runs take between these. */
  readonly earlyMs: number | null
  readonly lateMs: number | null
  /** What it was made from: `from 18 successful release runs`. */
  readonly basis: string
}

/** What a run of a flow is expected to look like. */
export interface RunTimeline extends ExpectedLength {
  /** In the order of their start. */
  readonly tasks: readonly SimulatedTask[]
}

type Known = KnownRuns | null

// Any will do: it is the same each time.
const SEED = 1

/** How long a run takes. */
export function expectedLength(model: Known, plan: readonly PlannedTask[], configuration: string): ExpectedLength {
  const prediction = predictRun(model, plan, NOTHING_SEEN, SEED)
  if (prediction === null) return { totalMs: null, earlyMs: null, lateMs: null, basis: 'from nothing yet' }
  const { remainingMs: totalMs, earlyMs, lateMs } = prediction
  return { totalMs, earlyMs, lateMs, basis: basisText(model?.twin.kept ?? 0, configuration) }
}

/** The tasks of a run, in time. */
export function simulateTimeline(model: Known, plan: readonly PlannedTask[], configuration: string): RunTimeline {
  const past = model?.past ?? []
  const learned = new Map(usualTasks(past).map((task) => [task.name, task]))
  const tasks: SimulatedTask[] = [...learned.values()]
  let at: number | null = 0
  for (const { name, estimatedMs } of plan) {
    const known = learned.get(name)
    // What past runs do not have follows the task that is planned before it.
    const startMs: number | null = known ? known.startMs : at
    const endMs: number | null = known ? known.endMs : at === null || estimatedMs === null ? null : at + estimatedMs
    if (!known) {
      const basis = estimatedMs === null ? 'unknown' : 'declared'
      tasks.push({ name, calls: 1, startMs, endMs, callMs: estimatedMs, basis })
    }
    at = endMs
  }
  const start = ({ startMs }: SimulatedTask): number => startMs ?? Number.MAX_VALUE
  return {
    ...expectedLength(model, plan, configuration),
    tasks: tasks.toSorted((one, other) => start(one) - start(other)),
  }
}

/** What at least half of the past runs have. */
function usualTasks(past: readonly RunShape[]): readonly SimulatedTask[] {
  const names = new Set(past.flatMap(({ tasks }) => Object.keys(tasks)))
  return [...names].flatMap((name) => {
    const seen = past.flatMap(({ tasks }) => tasks[name] ?? [])
    if (2 * seen.length < past.length) return []
    const lengths = seen.flatMap(({ ms }) => (ms === null ? [] : [ms]))
    return {
      name,
      calls: median(seen.map(({ calls }) => calls)),
      startMs: median(seen.map(({ from }) => from)),
      endMs: median(seen.map(({ to }) => to)),
      callMs: lengths.length === 0 ? null : median(lengths),
      basis: 'past-runs' as const,
    }
  })
}
