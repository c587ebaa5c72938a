/*
 * What was expected of runs when they started: kept until they end, so that the expectation can be held against what came. Of a run that
 * started in another process it is made when it is taken up, and not counted.
 */
import type { FlowDefinition, PlannedTask } from '../../definition/flow.ts'
import type { LearnedPlan } from '../../journal/learned-plan.ts'
import type { RunJournal } from '../../journal/run-journal.ts'
import type { RunEstimate, RunRecord } from '../../storage/records.ts'
import type { FlowModel } from '../progress/flow-model.ts'
import { forecaster } from '../progress/forecaster.ts'

// Far more than are open at a time; a bound, should they never end.
const MAX_RUNS = 50_000
// Any will do: it is the same for all of them.
const SEED = 1

interface Expectation {
  readonly expected: RunEstimate
  readonly isNew: boolean
}

/** What is expected of the runs that this engine holds or has held. */
export class Expectations {
  readonly #runs = new Map<string, Expectation>()
  // Made once for all runs that start before something new is learned.
  readonly #made = new WeakMap<LearnedPlan | readonly PlannedTask[], RunEstimate>()

  /** A run is taken up. @param isNew Whether it starts for the first time. */
  opened(run: RunRecord, { plan }: FlowDefinition, model: FlowModel | null, isNew: boolean): void {
    if (this.#runs.has(run.id)) return
    const past = model?.past.length ? model : null
    const expected = this.#expect(past?.plan ?? plan, past, plan)
    if (expected === null) return
    if (this.#runs.size >= MAX_RUNS) this.#runs.clear()
    this.#runs.set(run.id, { expected, isNew })
  }

  /** What was expected of a run; nothing of one that has waited for people: their time is no part of it. */
  of({ runId, records }: RunJournal): RunEstimate | undefined {
    const expected = this.#runs.get(runId)?.expected
    if (expected === undefined) return undefined
    for (const { kind } of records.values()) if (kind === 'signal' || kind === 'approval') return undefined
    return expected
  }

  /** The same, of a run that was seen from its start: what is counted. */
  ofWhole(journal: RunJournal): RunEstimate | undefined {
    return this.#runs.get(journal.runId)?.isNew === true ? this.of(journal) : undefined
  }

  /** A run has ended. */
  forget(runId: string): void {
    this.#runs.delete(runId)
  }

  #expect(
    key: LearnedPlan | readonly PlannedTask[],
    model: FlowModel | null,
    plan: readonly PlannedTask[],
  ): RunEstimate | null {
    const known = this.#made.get(key)
    if (known !== undefined) return known
    const { NOTHING_SEEN, predictRun } = forecaster()
    const prediction = predictRun(model, plan, NOTHING_SEEN, SEED)
    if (prediction === null) return null
    const { remainingMs, earlyMs, lateMs } = prediction
    const expected = { expectedMs: remainingMs, earlyMs, lateMs }
    this.#made.set(key, expected)
    return expected
  }
}
