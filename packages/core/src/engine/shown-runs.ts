import type { RunJournal } from '../journal/run-journal.ts'
import type { Clock } from '../primitives/clock.ts'
import type { RunRecord } from '../storage/records.ts'
import type { EventBus } from './event-bus.ts'
import type { FlowRegistry } from './flow-registry.ts'
import type { EstimateView } from './progress/estimate-view.ts'
import type { RunEstimates } from './progress/run-estimates.ts'
import { hasEnded } from './run-outcomes.ts'
import { toRunView, toTaskViewNow } from './run-views.ts'
import type { RunView } from './views.ts'

/** What runs are shown with. */
export interface ShownParts {
  readonly registry: FlowRegistry
  readonly estimates: RunEstimates
  readonly bus: EventBus
  readonly clock: Clock
}

/** A run, and its journal when it is held here. */
export interface NewestRun {
  readonly run: RunRecord
  readonly journal: RunJournal | undefined
}

const LOOK_EVERY_MS = 1000
// Of more runs than these nobody reads each; their own events tell of them too.
const MAX_LOOKED_AT = 100

/** Runs as they are shown, with what is estimated of them. */
export class ShownRuns {
  readonly #parts: ShownParts
  #lookedAt = -Infinity

  constructor(parts: ShownParts) {
    this.#parts = parts
  }

  /** A run with what is known of it without reading. */
  view(newest: NewestRun): RunView {
    return this.#view(newest, this.#parts.estimates.told(newest.run, newest.journal))
  }

  /** A run without its estimate. */
  viewBriefly(newest: NewestRun): RunView {
    return this.#view(newest, null)
  }

  /** A run with an estimate for which something may have to be read. @param newest Gives the run as it is then. */
  async viewFully(newest: () => NewestRun): Promise<RunView> {
    const before = newest()
    const estimate = await this.#parts.estimates.read(before.run, before.journal)
    const now = newest()
    return this.#view(now, hasEnded(now.run) ? null : estimate)
  }

  /** Tells of a run, as it is now. */
  runChanged(newest: NewestRun): void {
    this.#parts.bus.publish('run.updated', () => this.view(newest))
  }

  /** Tells of a task, as it is now. */
  taskChanged(journal: RunJournal, key: string): void {
    const { id: runId, flowId } = journal.run
    const view = toTaskViewNow(journal, key)
    if (!view) throw new TypeError(`No task ${key} in run ${runId}.`)
    this.#parts.bus.publish('task.updated', () => ({ runId, flowId, task: view() }))
  }

  /** Tells of estimates that time has changed, to those who listen: a run that stands still has no events of its own. */
  look(journals: Iterable<RunJournal>): void {
    const { bus, clock, estimates } = this.#parts
    if (clock.monotonic() - this.#lookedAt < LOOK_EVERY_MS || !bus.isHeard('run.updated')) return
    this.#lookedAt = clock.monotonic()
    let looked = 0
    for (const journal of journals) {
      if (looked++ >= MAX_LOOKED_AT) return
      if (journal.isOpen && estimates.hasNews(journal.run, journal)) this.runChanged({ run: journal.run, journal })
    }
  }

  #view({ run, journal }: NewestRun, estimate: EstimateView | null): RunView {
    return toRunView(run, { flowName: this.#parts.registry.nameOf(run.flowId), journal, estimate })
  }
}
