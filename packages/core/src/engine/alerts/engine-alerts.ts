import type { RunJournal } from '../../journal/run-journal.ts'
import type { RunEnd } from '../../journal/run-writes.ts'
import type { NewAlert } from '../../storage/alert-records.ts'
import type { RunRecord } from '../../storage/records.ts'
import type { Expectations } from '../analytics/expectations.ts'
import { AlertDelivery, type AlertDeliveryParts } from './alert-delivery.ts'
import { AlertMaker, type AlertFlow, type MissedTimes } from './alert-maker.ts'

/** What alerts work with. */
export interface EngineAlertParts extends AlertDeliveryParts {
  readonly expectations: Expectations
}

const LOOK_EVERY_MS = 1000

/** The alerts of an engine: which there are, and their delivery. */
export class EngineAlerts {
  readonly delivery: AlertDelivery
  readonly #parts: EngineAlertParts
  readonly #maker: AlertMaker
  /** Runs with alerts whose end is not stored yet. */
  readonly #told = new Set<string>()
  #lookedAt = -Infinity

  constructor(parts: EngineAlertParts) {
    this.#parts = parts
    this.#maker = new AlertMaker(parts.rules, parts.clock)
    this.delivery = new AlertDelivery(parts)
  }

  /** What is stored with the end of a run. @param next The run that goes on in its place. */
  atEnd(journal: RunJournal, end: RunEnd, next: RunRecord | null): readonly NewAlert[] | undefined {
    const expected = this.#parts.expectations.of(journal)
    const alerts = this.#maker.ofEnd(journal, end, { isRetried: next !== null, expected })
    if (alerts !== undefined && alerts.length > 0) this.#told.add(journal.runId)
    return alerts
  }

  /** What is stored with the decision about scheduled times. */
  ofMissed(flow: AlertFlow, missed: readonly MissedTimes[]): readonly NewAlert[] {
    return missed.flatMap((times) => this.#maker.ofMissed(flow, times))
  }

  /** The end of a run is stored, or will never be. */
  ended(runId: string): void {
    if (this.#told.delete(runId)) this.delivery.wake()
  }

  /** Looks for runs that take too long, now and then. */
  look(journals: Iterable<RunJournal>): void {
    const { clock, commit, expectations, report } = this.#parts
    if (!this.#maker.isOn || clock.monotonic() - this.#lookedAt < LOOK_EVERY_MS) return
    this.#lookedAt = clock.monotonic()
    const alerts = this.#maker.ofSlow(journals, (journal) => expectations.of(journal))
    if (alerts.length === 0) return
    commit
      .append([{ type: 'alert.put', alerts }], 'patient')
      .then(() => this.delivery.wake())
      .catch((error: unknown) => {
        if (!commit.isClosed) report(error, 'storing alerts of slow runs')
      })
  }
}
