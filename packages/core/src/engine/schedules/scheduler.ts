import type { FlowDefinition } from '../../definition/flow.ts'
import { dueTimes, nextLookAt, type DueTimes } from '../../definition/schedules/due-times.ts'
import type { Schedule } from '../../definition/schedules/schedule.ts'
import { PerfectError } from '../../errors/perfect-error.ts'
import type { ScheduleRecord } from '../../storage/records.ts'
import type { EngineParts } from '../engine-parts.ts'
import { declareSchedules, knownSchedules } from './declare-schedules.ts'
import { newRecord, readSchedule, type KnownSchedule } from './schedule-record.ts'
import { toFlowScheduleView } from './schedule-views.ts'
import type { FlowScheduleView } from './views.ts'

/** What a scheduler works with. */
export interface SchedulerParts extends Pick<EngineParts, 'clock' | 'report' | 'storage' | 'commit' | 'registry'> {
  /** Does what is due, in one commit; gives the new record, or null when what is stored is not what was known. */
  readonly fire: (known: KnownSchedule, definition: FlowDefinition, due: DueTimes) => Promise<ScheduleRecord | null>
}

interface Entry {
  readonly definition: FlowDefinition
  known: KnownSchedule
  /** When to look at it next; null: when something changes. */
  lookAt: number | null
  isBusy: boolean
}

const RETRY_MS = 1000
// A function of a user that fails is asked again, but not all the time.
const RETRY_FAULTY_MS = 60_000
// Other engines change schedules too. Until this engine hears of it, they act on the change, not this one.
const REFRESH_MS = 30_000

/**
 * Looks at every schedule when its next time has come. It only decides when to look: what is due follows from what is stored, and the
 * storage lets one engine through.
 */
export class Scheduler {
  readonly #parts: SchedulerParts
  readonly #entries = new Map<string, Entry>()
  #isOpen = false
  #refreshedAt = 0
  #stopTimer: (() => void) | null = null

  constructor(parts: SchedulerParts) {
    this.#parts = parts
  }

  /** Starts, with the schedules of all flows that are registered. */
  async open(): Promise<void> {
    this.#isOpen = true
    this.#refreshedAt = this.#parts.clock.now()
    for (const definition of this.#parts.registry.all()) await this.#declare(definition)
    this.#arm()
  }

  close(): void {
    this.#isOpen = false
    this.#stopTimer?.()
    this.#entries.clear()
  }

  /** A flow was registered or replaced. */
  plan(definition: FlowDefinition): void {
    if (!this.#isOpen) return
    this.#declare(definition).then(
      () => this.#arm(),
      (error: unknown) => {
        this.#parts.report(error, `storing the schedules of "${definition.name}"`)
        this.#parts.clock.setTimer(RETRY_MS, () => {
          if (this.#parts.registry.find(definition.id) === definition) this.plan(definition)
        })
      },
    )
  }

  /** A flow is gone. What is stored of its schedules stays. */
  forget(flowId: string): void {
    for (const [id, { definition }] of this.#entries) if (definition.id === flowId) this.#entries.delete(id)
    this.#arm()
  }

  /** A schedule was changed by this engine, or removed. */
  changed(id: string, known: KnownSchedule | null): void {
    const definition = known && this.#parts.registry.find(known.record.flowId)
    if (!known || !definition) this.#entries.delete(id)
    else if (this.#isOpen) this.#keep(definition, known)
    this.#arm()
  }

  /**
   * Called again and again: takes over what other engines have changed, now and then. And sees that time has come while the machine slept
   * or the clock was set, of which timers know nothing.
   */
  refresh(): void {
    const now = this.#parts.clock.now()
    if (!this.#isOpen) return
    this.#handleDue()
    if (Math.abs(now - this.#refreshedAt) < REFRESH_MS) return
    this.#refreshedAt = now
    this.#refresh().catch((error: unknown) => this.#parts.report(error, 'reading the schedules'))
  }

  /** When a flow starts next; null when it has no schedule. */
  flowView(definition: FlowDefinition): FlowScheduleView | null {
    const now = this.#parts.clock.now()
    const entries = [...this.#entries.values()].filter((entry) => entry.definition === definition)
    const known = entries.map((entry) => entry.known)
    const ids = new Set(known.map(({ record }) => record.id))
    // A flow that was just registered is stored in a moment.
    const unstored = definition.schedules
      .filter(({ id }) => !ids.has(id))
      .map((schedule) => ({ schedule, record: newRecord(schedule, { flowId: definition.id, origin: 'code', now }) }))
    return toFlowScheduleView([...known, ...unstored], now)
  }

  async #declare(definition: FlowDefinition): Promise<void> {
    const known = await declareSchedules(this.#parts, definition)
    if (!this.#isOpen || this.#parts.registry.find(definition.id) !== definition) return
    this.#drop(definition, known)
    for (const one of known) this.#keep(definition, one)
  }

  async #refresh(): Promise<void> {
    const records = await this.#parts.storage.schedules.list()
    if (!this.#isOpen) return
    for (const definition of this.#parts.registry.all()) {
      const known = knownSchedules(definition, records)
      this.#drop(definition, known)
      for (const one of known) this.#keep(definition, one)
    }
    this.#arm()
  }

  #drop({ id }: FlowDefinition, known: readonly KnownSchedule[]): void {
    const ids = new Set(known.map(({ record }) => record.id))
    for (const [scheduleId, { definition }] of this.#entries)
      if (definition.id === id && !ids.has(scheduleId)) this.#entries.delete(scheduleId)
  }

  #keep(definition: FlowDefinition, known: KnownSchedule): void {
    const entry = this.#entries.get(known.record.id)
    const isNewer = !entry || entry.definition !== definition || known.record.revision > entry.known.record.revision
    if (!isNewer) return
    const kept = { definition, known, lookAt: null, isBusy: false }
    this.#entries.set(known.record.id, kept)
    this.#look(kept)
  }

  #look(entry: Entry): void {
    try {
      entry.lookAt = nextLookAt(entry.known.schedule, entry.known.record)
    } catch (error) {
      this.#failed(entry, error)
    }
  }

  #arm(): void {
    this.#stopTimer?.()
    this.#stopTimer = null
    const waiting = [...this.#entries.values()].filter(({ isBusy }) => !isBusy)
    const first = waiting.reduce((earliest, { lookAt }) => Math.min(earliest, lookAt ?? Infinity), Infinity)
    if (!this.#isOpen || first === Infinity) return
    const delayMs = Math.max(0, first - this.#parts.clock.now())
    this.#stopTimer = this.#parts.clock.setTimer(delayMs, () => this.#handleDue())
  }

  #handleDue(): void {
    // A timer may be early, or the clock may have been set back: then nothing is due, and the timer is set again.
    const now = this.#parts.clock.now()
    for (const entry of this.#entries.values())
      if (!entry.isBusy && entry.lookAt !== null && entry.lookAt <= now) void this.#handle(entry)
    this.#arm()
  }

  async #handle(entry: Entry): Promise<void> {
    entry.isBusy = true
    try {
      while (await this.#handleOnce(entry));
      this.#look(entry)
    } catch (error) {
      this.#failed(entry, error)
    }
    entry.isBusy = false
    this.#arm()
  }

  /** Gives whether there may be more to do. */
  async #handleOnce(entry: Entry): Promise<boolean> {
    const { known, definition } = entry
    const { schedule, record } = known
    const due = dueTimes(schedule, record, this.#parts.clock.now())
    if (due.state.handledAt === record.handledAt || !this.#isCurrent(entry)) return false
    const stored = (await this.#parts.fire(known, definition, due)) ?? (await this.#read(record.id))
    if (stored === undefined) this.#entries.delete(record.id)
    else if (stored.revision > entry.known.record.revision)
      entry.known = { schedule: this.#scheduleOf(entry, stored), record: stored }
    return stored !== undefined && this.#isCurrent(entry)
  }

  // Another engine may have changed the schedule itself.
  #scheduleOf({ known }: Entry, stored: ScheduleRecord): Schedule {
    const isSame = stored.origin === 'code' || stored.definition === known.record.definition
    return (isSame ? null : readSchedule(stored)) ?? known.schedule
  }

  async #read(id: string): Promise<ScheduleRecord | undefined> {
    const records = await this.#parts.storage.schedules.list()
    return records.find((record) => record.id === id)
  }

  #isCurrent(entry: Entry): boolean {
    return this.#isOpen && this.#entries.get(entry.known.record.id) === entry
  }

  #failed(entry: Entry, error: unknown): void {
    this.#parts.report(error, `running schedule "${entry.known.record.id}" of "${entry.definition.name}"`)
    const isForAMoment = PerfectError.is(error) && error.retryable
    entry.lookAt = this.#parts.clock.now() + (isForAMoment ? RETRY_MS : RETRY_FAULTY_MS)
  }
}
