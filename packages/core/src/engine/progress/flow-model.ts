import type { LearnedPlan } from '../../journal/learned-plan.ts'
import type { RunRecord } from '../../storage/records.ts'
import { learnPlan } from './learn-plan.ts'
import type { RunShape } from './run-shape.ts'
import { versionFamily } from './version-family.ts'

/** What statistics belong to: they are never mixed over flows, families of versions or configurations. */
export interface ModelKey {
  readonly flowId: string
  readonly family: string
  readonly configuration: string
}

/** The statistics that a run belongs to. */
export function modelKeyOf({
  flowId,
  flowVersion,
  configuration,
}: Pick<RunRecord, 'flowId' | 'flowVersion' | 'configuration'>): ModelKey {
  return { flowId, family: versionFamily(flowVersion), configuration }
}

/** A run that has succeeded, as statistics see it. */
export interface PastRun {
  readonly id: string
  readonly shape: RunShape
}

interface State {
  readonly v: 1
  readonly runs: readonly PastRun[]
}

// Enough for medians that hold; a flow that changes is followed within half of them.
const MAX_RUNS = 20

/** What is known from the past runs of a flow in one configuration. */
export class FlowModel {
  #runs: readonly PastRun[]
  #plan: LearnedPlan | null = null

  private constructor(runs: readonly PastRun[]) {
    this.#runs = runs
  }

  static empty(): FlowModel {
    return new FlowModel([])
  }

  /** What was stored; null when it cannot be read: it is made again then. */
  static load(text: string): FlowModel | null {
    try {
      const state = JSON.parse(text) as Partial<State>
      return state.v === 1 && Array.isArray(state.runs) ? new FlowModel(state.runs) : null
    } catch {
      return null
    }
  }

  /** The runs that it knows, the oldest first. */
  get past(): readonly RunShape[] {
    return this.#runs.map(({ shape }) => shape)
  }

  /** The bar of the next run. */
  get plan(): LearnedPlan {
    this.#plan ??= learnPlan(this.past)
    return this.#plan
  }

  /** Learns from a run; from one that it knows it learns nothing. */
  learn(run: PastRun): void {
    if (this.#runs.some(({ id }) => id === run.id)) return
    this.#runs = [...this.#runs, run].slice(-MAX_RUNS)
    this.#plan = null
  }

  save(): string {
    const state: State = { v: 1, runs: this.#runs }
    return JSON.stringify(state)
  }
}
