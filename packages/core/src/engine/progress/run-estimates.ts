/*
 * The estimates of runs that somebody looks at: made when they are asked for, at most once a second for each run. A run that nobody looks
 * at costs nothing.
 */
import type { RunJournal } from '../../journal/run-journal.ts'
import type { Clock } from '../../primitives/clock.ts'
import type { RunRecord, TaskRecord } from '../../storage/records.ts'
import type { Storage } from '../../storage/storage.ts'
import type { FlowRegistry } from '../flow-registry.ts'
import { hasEnded } from '../run-outcomes.ts'
import { estimateQueue } from './estimate-queue.ts'
import type { EstimateView } from './estimate-view.ts'
import type { FlowModel } from './flow-model.ts'
import type { FlowModels } from './flow-models.ts'
import { forecaster } from './forecaster.ts'
import type { HeldRun } from './run-observation.ts'
import type { ShownEstimate } from './shown-estimate.ts'

/** What estimates are made with. */
export interface EstimateParts {
  readonly storage: Storage
  readonly clock: Clock
  readonly registry: FlowRegistry
  readonly models: FlowModels
  /** Runs of local flows that may be driven at once. */
  readonly concurrency: number
  /** The runs that are held here. */
  readonly journals: () => Iterable<RunJournal>
}

interface Entry {
  readonly shown: ShownEstimate
  view: EstimateView | null
  madeAt: number
}

const EVERY_MS = 1000
const SHORT_MS = 1000
const MAX_RUNS = 2000
// A run with more is estimated when the engine that holds it is asked.
const MAX_READ_TASKS = 5000
const NOT_HELD: HeldRun = { live: new Map(), maps: new Map() }
// A shift of the end that is smaller than this part of what is left is no news.
const NEWS_SHARE = 0.05

/** The estimates of the runs of an engine. */
export class RunEstimates {
  readonly #parts: EstimateParts
  readonly #entries = new Map<string, Entry>()

  constructor(parts: EstimateParts) {
    this.#parts = parts
  }

  /** The estimate of a run, as far as it is known without reading; null for one that has ended or has not started. */
  known(run: RunRecord, journal: RunJournal | undefined): EstimateView | null {
    if (hasEnded(run)) {
      this.#entries.delete(run.id)
      return null
    }
    if (!journal?.isOpen) return this.#entries.get(run.id)?.view ?? null
    const model = this.#parts.models.peek(run)
    const held = (): HeldRun => ({ live: journal.liveTasks, maps: journal.progress.maps })
    return model && this.#make(run, model, () => [...journal.records.values()], held)
  }

  /** The estimate that goes with each change of a run. A short run is over before anybody has read one, and has none until it is late. */
  told(run: RunRecord, journal: RunJournal | undefined): EstimateView | null {
    const { models, clock } = this.#parts
    const isShort = (models.peek(run)?.usualMs ?? Infinity) < SHORT_MS
    const isNew = run.startedAt !== null && clock.now() - run.startedAt < SHORT_MS
    return isShort && isNew && !this.#entries.has(run.id) ? null : this.known(run, journal)
  }

  /** The estimate of a run, with what has to be read for it. */
  async read(run: RunRecord, journal: RunJournal | undefined): Promise<EstimateView | null> {
    const { models, storage } = this.#parts
    if (hasEnded(run)) return null
    const model = await models.load(run)
    if (model === null) return null
    if (run.startedAt === null)
      return estimateQueue({ ...this.#parts, running: (flowId) => this.#remaining(flowId) }, run, model)
    if (journal?.isOpen) return this.known(run, journal)
    if (run.tasksDone > MAX_READ_TASKS) return this.#entries.get(run.id)?.view ?? null
    const records = await storage.tasks.list(run.id)
    return this.#make(
      run,
      model,
      () => records,
      () => NOT_HELD,
    )
  }

  /** Whether the estimate has changed by more than time alone has changed it, since it was asked for last. */
  hasNews(run: RunRecord, journal: RunJournal): boolean {
    const before = this.#entries.get(run.id)?.view ?? null
    const now = this.known(run, journal)
    if (before === null || now === null || before.state !== now.state) return before !== now
    if (before.finishAt === null || now.finishAt === null) return before.finishAt !== now.finishAt
    const shiftMs = Math.abs(Date.parse(before.finishAt) - Date.parse(now.finishAt))
    return shiftMs > Math.max(1000, NEWS_SHARE * (now.remainingMs ?? 0))
  }

  #remaining(flowId: string | null): readonly (number | null)[] {
    const held = [...this.#parts.journals()].filter(({ run }) => flowId === null || run.flowId === flowId)
    return held.map((journal) => this.known(journal.run, journal)?.remainingMs ?? null)
  }

  #make(
    run: RunRecord,
    model: FlowModel,
    records: () => readonly TaskRecord[],
    held: () => HeldRun,
  ): EstimateView | null {
    const { clock, registry } = this.#parts
    const { estimateRun, hash, observeRun } = forecaster()
    const entry = this.#entry(run.id)
    if (entry.view !== null && clock.monotonic() - entry.madeAt < EVERY_MS) return entry.view
    const now = clock.now()
    const plan = registry.forRun(run)?.plan ?? []
    const seen = observeRun(run, records(), held(), now)
    const { configuration, id } = run
    entry.view = estimateRun({ model, plan, configuration, seen, seed: hash(id), now }, entry.shown)
    entry.madeAt = clock.monotonic()
    return entry.view
  }

  #entry(runId: string): Entry {
    const entry = this.#entries.get(runId) ?? { shown: new (forecaster().ShownEstimate)(), view: null, madeAt: 0 }
    this.#entries.delete(runId)
    this.#entries.set(runId, entry)
    if (this.#entries.size > MAX_RUNS) {
      const [oldest] = this.#entries.keys()
      if (oldest !== undefined) this.#entries.delete(oldest)
    }
    return entry
  }
}
