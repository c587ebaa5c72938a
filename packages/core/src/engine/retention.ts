import type { Retention } from '../definition/retention.ts'
import type { Clock } from '../primitives/clock.ts'
import type { Sweep } from '../storage/changes.ts'
import { KEEP_ALERTS_MS } from './alerts/alert-rules.ts'
import type { EngineParts } from './engine-parts.ts'

/** What a sweeper works with. */
export interface SweeperParts extends Pick<EngineParts, 'storage' | 'commit' | 'registry' | 'bus' | 'report'> {
  readonly clock: Clock
  /** For flows that say nothing themselves. */
  readonly retention: Retention
  /** For the audit log. */
  readonly auditRetention: Retention
}

const EVERY_MS = 60_000
// Small enough that runs that are written meanwhile are not kept waiting.
const BATCH = 100
const DAY_MS = 86_400_000
const KEEP_SIGNALS_MS = 30 * DAY_MS
// A flow that runs once a year is still estimated by what it did.
const KEEP_ESTIMATES_MS = 400 * DAY_MS
// Enough to look at last month by the hour, and at last year and the one before by the day.
const KEEP_STATS_MS = { hour: 35 * DAY_MS, day: 800 * DAY_MS, failure: 90 * DAY_MS }

/** Removes what need not be kept any more: old runs and figures, expired values of the cache, signals that nobody took for 30 days. */
export class Sweeper {
  readonly #parts: SweeperParts
  #isOpen = false
  #stopTimer: (() => void) | null = null

  constructor(parts: SweeperParts) {
    this.#parts = parts
  }

  open(): void {
    this.#isOpen = true
    this.#sweepLater()
  }

  close(): void {
    this.#isOpen = false
    this.#stopTimer?.()
  }

  #sweepLater(): void {
    if (this.#isOpen) this.#stopTimer = this.#parts.clock.setTimer(EVERY_MS, () => void this.#sweep())
  }

  async #sweep(): Promise<void> {
    const { storage, commit, clock, report, auditRetention } = this.#parts
    try {
      await commit.append([sweepAt(clock.now(), auditRetention)], 'impatient')
      for (const flowId of await storage.stats.flowIds()) await this.#removeExpired(flowId)
    } catch (error) {
      report(error, 'removing what need not be kept')
    }
    this.#sweepLater()
  }

  async #removeExpired(flowId: string): Promise<void> {
    const { storage, commit, registry, bus, clock, retention } = this.#parts
    const { ageMs, keep } = registry.find(flowId)?.retention ?? retention
    if (ageMs === null && keep === null) return
    const finishedBefore = ageMs === null ? null : clock.now() - ageMs
    while (this.#isOpen) {
      const ids = await storage.stats.expired({ flowId, finishedBefore, keep, limit: BATCH })
      const receipts = await commit.append(
        ids.map((runId) => ({ type: 'run.remove', runId })),
        'impatient',
      )
      for (const [index, id] of ids.entries())
        if (receipts[index]?.accepted === true) bus.publish('run.removed', () => ({ id, flowId }))
      if (ids.length < BATCH) return
    }
  }
}

function sweepAt(now: number, audit: Retention): Sweep {
  const { hour, day, failure } = KEEP_STATS_MS
  return {
    type: 'sweep',
    signalsBefore: now - KEEP_SIGNALS_MS,
    estimatesBefore: now - KEEP_ESTIMATES_MS,
    alertsBefore: now - KEEP_ALERTS_MS,
    audit: { before: audit.ageMs === null ? null : now - audit.ageMs, keep: audit.keep },
    statsBefore: { hour: now - hour, day: now - day, failure: now - failure },
  }
}
