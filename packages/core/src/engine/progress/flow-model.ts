import type { LearnedPlan } from '../../journal/learned-plan.ts'
import { announcedCalls, mapsAt } from './announced-calls.ts'
import { learnPlan } from './learn-plan.ts'
import { median, type RunShape } from './run-shape.ts'
import { seenAt } from './twin-calls.ts'
import { hash } from './twin/draws.ts'
import { RunTwin } from './twin/run-twin.ts'
import type { FinishedTask, TwinState } from './twin/twin-state.ts'

/** A run that has succeeded, as statistics see it. */
export interface PastRun {
  readonly id: string
  readonly shape: RunShape
}

/** A run that has just succeeded. */
export interface LearnedRun extends PastRun {
  readonly calls: readonly FinishedTask[]
}

interface State {
  readonly v: 2
  readonly runs: readonly PastRun[]
  readonly twin: TwinState
}

// Enough for medians that hold; a flow that changes is followed within half of them.
const MAX_RUNS = 20
// Where in a run forecasts are held against what came, once there are enough runs to make them.
const JUDGED_AT = [0.05, 0.4, 0.85]
const ENOUGH_RUNS = 3
// Of a flow that runs all the time, some teach enough about intervals.
const MANY_RUNS = 50
const JUDGED_OF_MANY = 4

/** What is known from the past runs of a flow in one configuration. */
export class FlowModel {
  readonly twin: RunTwin
  #runs: readonly PastRun[]
  #plan: LearnedPlan | null = null
  #usualMs: number | null = null

  private constructor(runs: readonly PastRun[], twin: RunTwin) {
    this.#runs = runs
    this.twin = twin
  }

  static empty(): FlowModel {
    return new FlowModel([], new RunTwin())
  }

  /** What was stored; null when it cannot be read: it is made again then. */
  static load(text: string): FlowModel | null {
    try {
      const state = JSON.parse(text) as Partial<State>
      const isOurs = state.v === 2 && Array.isArray(state.runs) && state.twin?.v === 1
      return isOurs ? new FlowModel(state.runs, RunTwin.load(state.twin)) : null
    } catch {
      return null
    }
  }

  /** The runs that it knows, the oldest first. */
  get past(): readonly RunShape[] {
    return this.#runs.map(({ shape }) => shape)
  }

  /** How long its runs usually take; null when none is known. Unit: ms. */
  get usualMs(): number | null {
    this.#usualMs ??= this.#runs.length === 0 ? null : median(this.past.map(({ total }) => total))
    return this.#usualMs
  }

  /** The bar of the next run. */
  get plan(): LearnedPlan {
    this.#plan ??= learnPlan(this.past)
    return this.#plan
  }

  /** Learns from a run; from one that it knows it learns nothing. */
  learn({ id, shape, calls }: LearnedRun): void {
    if (this.#runs.some((known) => known.id === id)) return
    this.#judge(calls, shape.total, hash(id))
    this.twin.finish({ ok: true, tasks: calls, total: shape.total })
    this.#runs = [...this.#runs, { id, shape }].slice(-MAX_RUNS)
    this.#plan = null
    this.#usualMs = null
  }

  /** What would have been forecast of a run, before it teaches: so intervals become as wide as they have to be. */
  #judge(calls: readonly FinishedTask[], total: number, seed: number): void {
    const { learned } = this.twin
    if (learned < ENOUGH_RUNS || (learned >= MANY_RUNS && seed % JUDGED_OF_MANY !== 0)) return
    const lanes = Math.max(1, ...this.past.map((shape) => shape.lanes))
    for (const part of JUDGED_AT) {
      const now = part * total
      const seen = seenAt(calls, now)
      const announced = announcedCalls(mapsAt(calls, now), seen, this.plan)
      const forecast = this.twin.predict(now, seen, { seed, lanes, listed: 'started', announced })
      if (forecast) this.twin.calibrate(forecast, total - now)
    }
  }

  save(): string {
    const state: State = { v: 2, runs: this.#runs, twin: this.twin.save() }
    return JSON.stringify(state)
  }
}
