/*
 * Delivers alerts that are stored. Each attempt is claimed first, so that of several engines one makes it; an engine that dies in the middle
 * leaves a claim that ends. So every alert is delivered at least once, or given up after ten attempts, which takes three days.
 */
import type { GroupCommit } from '../../journal/group-commit.ts'
import type { AlertRecord } from '../../storage/alert-records.ts'
import type { Storage } from '../../storage/storage.ts'
import type { ErrorReporter } from '../event-bus.ts'
import type { EngineMeters } from '../observability/engine-meters.ts'
import type { CheckedRule } from './alert-rules.ts'
import { deliverAlert, type AttemptResult, type DeliveryParts } from './deliver-alert.ts'

/** What the delivery works with. */
export interface AlertDeliveryParts extends DeliveryParts {
  readonly rules: readonly CheckedRule[]
  readonly storage: Pick<Storage, 'alerts'>
  readonly commit: GroupCommit
  readonly random: () => number
  readonly report: ErrorReporter
  readonly meters: Pick<EngineMeters, 'alertAttempted'>
}

// Of one receiver so many at a time, so that one that is slow does not keep the others waiting.
const AT_A_TIME = 4
const AT_A_TIME_IN_ALL = 16
// Longer than any attempt takes.
const CLAIM_MS = 60_000
// Alerts that come together are looked for together.
const GATHER_MS = 20
const AGAIN_MS = 5000
const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
// Pauses after the first attempt, the second, and so on: three days in all.
const PAUSES_MS = [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR]
// Those that failed together do not all come again together.
const JITTER = 0.1

/** Delivers the alerts of the rules of one engine. */
export class AlertDelivery {
  readonly #parts: AlertDeliveryParts
  readonly #names: readonly string[]
  readonly #running = new Map<Promise<void>, string>()
  // Until they have ended: their claims may be on the way to the storage, or the storage may be away.
  readonly #begun = new Set<string>()
  readonly #stop = new AbortController()
  #isOpen = false
  #isLooking = false
  #stopTimer: (() => void) | null = null
  #timerAt = Infinity

  constructor(parts: AlertDeliveryParts) {
    this.#parts = parts
    this.#names = parts.rules.map(({ name }) => name)
  }

  open(): void {
    this.#isOpen = this.#names.length > 0
    this.wake()
  }

  /** There may be something to deliver. */
  wake(): void {
    this.#lookIn(GATHER_MS)
  }

  /** Ends the attempts that go on; what is not delivered then is told again later. */
  async close(): Promise<void> {
    this.#isOpen = false
    this.#stopTimer?.()
    this.#stop.abort(new Error('the engine has stopped'))
    await Promise.all(this.#running.keys())
  }

  #lookIn(ms: number): void {
    const { clock } = this.#parts
    const at = clock.monotonic() + ms
    if (!this.#isOpen || at >= this.#timerAt) return
    this.#stopTimer?.()
    this.#timerAt = at
    this.#stopTimer = clock.setTimer(ms, () => {
      this.#timerAt = Infinity
      void this.#look()
    })
  }

  async #look(): Promise<void> {
    // The end of an attempt makes room, and looks again.
    const rules = this.#rulesWithRoom()
    if (this.#isLooking || rules.length === 0) return
    this.#isLooking = true
    const { storage, clock, report } = this.#parts
    try {
      const due = await storage.alerts.due({ rules, limit: AT_A_TIME })
      const known = due.filter(({ id }) => this.#begun.has(id))
      for (const alert of due) this.#begin(alert)
      // Of those that have begun the end will be heard.
      const isNews = due.length === 0 || known.length < due.length
      const next = isNews ? await storage.alerts.nextAt(this.#rulesWithRoom()) : null
      if (next !== null) this.#lookIn(Math.max(GATHER_MS, next - clock.now()))
    } catch (error) {
      if (this.#isOpen) report(error, 'looking for alerts')
      this.#lookIn(AGAIN_MS)
    }
    this.#isLooking = false
  }

  #rulesWithRoom(): readonly string[] {
    if (this.#running.size >= AT_A_TIME_IN_ALL) return []
    const running = [...this.#running.values()]
    return this.#names.filter((name) => running.filter((rule) => rule === name).length < AT_A_TIME)
  }

  #begin(alert: AlertRecord): void {
    if (!this.#isOpen || !this.#rulesWithRoom().includes(alert.rule) || this.#begun.has(alert.id)) return
    this.#begun.add(alert.id)
    const attempt = this.#attempt(alert)
      .then(() => this.#release(alert))
      .catch((error: unknown) => {
        if (!this.#isOpen) return
        this.#parts.report(error, `delivering alert ${alert.id}`)
        this.#parts.clock.setTimer(AGAIN_MS, () => this.#release(alert))
      })
      .finally(() => this.#running.delete(attempt))
    this.#running.set(attempt, alert.rule)
  }

  #release({ id }: AlertRecord): void {
    this.#begun.delete(id)
    this.wake()
  }

  async #attempt(alert: AlertRecord): Promise<void> {
    const { commit, rules, clock, meters } = this.#parts
    const rule = rules.find(({ name }) => name === alert.rule)
    if (rule === undefined) return
    const attempt = alert.attempts + 1
    const alertId = alert.id
    const [claimed] = await commit.append([{ type: 'alert.claim', alertId, attempt, forMs: CLAIM_MS }], 'impatient')
    if (claimed?.accepted !== true) return
    const result = await deliverAlert(this.#parts, rule, alert, this.#stop.signal)
    // The next engine need not wait for the end of the claim.
    const outcome = this.#outcome({ ...alert, attempts: attempt }, result, clock.now())
    meters.alertAttempted(alert.rule, outcome.state === 'pending' ? 'failed' : outcome.state)
    await commit.append([{ type: 'alert.settle', alertId, attempt, outcome }], 'impatient')
  }

  #outcome(
    { attempts, maxAttempts }: AlertRecord,
    { problem, isFinal, pauseMs }: AttemptResult,
    now: number,
  ): Pick<AlertRecord, 'state' | 'nextAt' | 'settledAt' | 'problem'> {
    if (problem === null) return { state: 'delivered', nextAt: null, settledAt: now, problem: null }
    // An attempt that our own stop has ended says nothing about the receiver.
    if (this.#stop.signal.aborted) return { state: 'pending', nextAt: now, settledAt: null, problem }
    if (isFinal || attempts >= maxAttempts) return { state: 'given-up', nextAt: null, settledAt: now, problem }
    const place = PAUSES_MS.length - (maxAttempts - attempts)
    const pause = PAUSES_MS[Math.max(0, place)] ?? 0
    const jitter = 1 + JITTER * (2 * this.#parts.random() - 1)
    return { state: 'pending', nextAt: now + Math.max(pause * jitter, pauseMs), settledAt: null, problem }
  }
}
