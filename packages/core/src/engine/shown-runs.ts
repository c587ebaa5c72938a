import type { RunJournal } from '../journal/run-journal.ts'
import type { Clock } from '../primitives/clock.ts'
import type { RunRecord } from '../storage/records.ts'
import type { EventBus } from './event-bus.ts'
import type { FlowRegistry } from './flow-registry.ts'
import type { EstimateView } from './progress/estimate-view.ts'
import type { RunEstimates } from './progress/run-estimates.ts'
import { hasEnded } from './run-outcomes.ts'
import { toRunView, toTaskViews } from './run-views.ts'
import type { RunView } from './views.ts'

/** What runs are shown with. */
export interface ShownParts {
  readonly registry: FlowRegistry
  readonly estimates: RunEstimates
  readonly bus: EventBus
  readonly clock: Clock
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
  view(run: RunRecord, journal: RunJournal | undefined): RunView {
    return this.#view(run, journal, this.#parts.estimates.known(run, journal))
  }

  /** A run without its estimate. */
  viewBriefly(run: RunRecord, journal: RunJournal | undefined): RunView {
    return this.#view(run, journal, null)
  }

  /** A run with an estimate for which something may have to be read. @param newest Gives the run as it is then. */
  async viewFully(
    newest: () => { readonly run: RunRecord; readonly journal: RunJournal | undefined },
  ): Promise<RunView> {
    const before = newest()
    const estimate = await this.#parts.estimates.read(before.run, before.journal)
    const { run, journal } = newest()
    return this.#view(run, journal, hasEnded(run) ? null : estimate)
  }

  taskChanged(journal: RunJournal, key: string): void {
    this.#parts.bus.publish('task.updated', () => {
      const record = journal.records.get(key)
      const live = journal.liveTasks.get(key)
      const views = toTaskViews(record ? [record] : [], live && journal)
      const task = views.find((view) => view.key === key)
      if (!task) throw new TypeError(`No task ${key} in run ${journal.run.id}.`)
      return { runId: journal.run.id, flowId: journal.run.flowId, task }
    })
  }

  /** Tells of estimates that time has changed, to those who listen: a run that stands still has no events of its own. */
  look(journals: Iterable<RunJournal>): void {
    const { bus, clock, estimates } = this.#parts
    if (clock.monotonic() - this.#lookedAt < LOOK_EVERY_MS || !bus.isHeard('run.updated')) return
    this.#lookedAt = clock.monotonic()
    let looked = 0
    for (const journal of journals) {
      if (looked++ >= MAX_LOOKED_AT) return
      if (journal.isOpen && estimates.hasNews(journal.run, journal))
        bus.publish('run.updated', () => this.view(journal.run, journal))
    }
  }

  #view(run: RunRecord, journal: RunJournal | undefined, estimate: EstimateView | null): RunView {
    return toRunView(run, { flowName: this.#parts.registry.nameOf(run.flowId), journal, estimate })
  }
}
