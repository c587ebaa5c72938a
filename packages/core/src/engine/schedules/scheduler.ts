import type { FlowDefinition } from '../../definition/flow.ts'
import { dueTimes, nextLookAt, type DueTimes } from '../../definition/schedules/due-times.ts'
import type { Schedule } from '../../definition/schedules/schedule.ts'
import { PerfectError } from '../../errors/perfect-error.ts'
import type { ScheduleRecord } from '../../storage/records.ts'
import type { EngineParts } from '../engine-parts.ts'
import { declareSchedules, knownSchedules, recordsByFlow } from './declare-schedules.ts'
import { ScheduleEntries, type ScheduleEntry } from './schedule-entries.ts'
import { newRecord, readSchedule, type KnownSchedule } from './schedule-record.ts'
import { toFlowScheduleView } from './schedule-views.ts'
import type { FlowScheduleView } from './views.ts'

/** What a scheduler works with. */
export interface SchedulerParts extends Pick<EngineParts, 'clock' | 'report' | 'storage' | 'commit' | 'registry'> {
  /** Does what is due, in one commit; gives the new record, or null when what is stored is not what was known. */
  readonly fire: (known: KnownSchedule, definition: FlowDefinition, due: DueTimes) => Promise<ScheduleRecord | null>
}

const RETRY_MS = 1000
// A function of a user that fails is asked again, but not all the time.
const RETRY_FAULTY_MS = 60_000
// Other engines change schedules too. Until this engine hears of it, they act on the change, not this one.
const REFRESH_MS = 30_000
// A thousand schedules at midnight may not hold up the host: so many are dealt with side by side, the others follow.
const MAX_AT_ONCE = 50

/**
 * Looks at every schedule when its next time has come. It only decides when to look: what is due follows from what is stored, and the
 * storage lets one engine through.
 */
export class Scheduler {
  readonly #parts: SchedulerParts
  readonly #entries = new ScheduleEntries()
  #isOpen = false
  #refreshedAt = 0
  #wakeAt = Infinity
  #busy = 0
  #stopTimer: (() => void) | null = null

  constructor(parts: SchedulerParts) {
    this.#parts = parts
  }

  /** Starts, with the schedules of all flows that are registered. */
  async open(): Promise<void> {
    this.#isOpen = true
    this.#refreshedAt = this.#parts.clock.now()
    await this.#declare(this.#parts.registry.all())
  }

  close(): void {
    this.#isOpen = false
    this.#stopTimer?.()
    this.#entries.clear()
  }

  /** A flow was registered or replaced. */
  plan(definition: FlowDefinition): void {
    if (!this.#isOpen) return
    this.#declare([definition]).catch((error: unknown) => {
      if (!this.#isOpen) return
      this.#parts.report(error, `storing the schedules of "${definition.name}"`)
      this.#parts.clock.setTimer(RETRY_MS, () => {
        if (this.#parts.registry.find(definition.id) === definition) this.plan(definition)
      })
    })
  }

  /** A flow is gone. What is stored of its schedules stays. */
  forget(flowId: string): void {
    this.#entries.removeFlow(flowId)
  }

  /** A schedule was changed by this engine. */
  changed(known: KnownSchedule): void {
    const definition = this.#parts.registry.find(known.record.flowId)
    if (this.#isOpen && definition) this.#keep(definition, known)
  }

  /** A schedule was removed by this engine. */
  removed({ flowId, id }: ScheduleRecord): void {
    this.#entries.remove(flowId, id)
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
    const entries = this.#entries.of(definition.id).filter((entry) => entry.definition === definition)
    const known = entries.map((entry) => entry.known)
    const ids = new Set(known.map(({ record }) => record.id))
    // A flow that was just registered is stored in a moment.
    const unstored = definition.schedules
      .filter(({ id }) => !ids.has(id))
      .map((schedule) => ({ schedule, record: newRecord(schedule, { flowId: definition.id, origin: 'code', now }) }))
    return toFlowScheduleView([...known, ...unstored], now)
  }

  async #declare(definitions: readonly FlowDefinition[]): Promise<void> {
    this.#take(definitions, await declareSchedules(this.#parts, definitions))
  }

  async #refresh(): Promise<void> {
    this.#take(this.#parts.registry.all(), await this.#parts.storage.schedules.list())
  }

  #take(definitions: readonly FlowDefinition[], records: readonly ScheduleRecord[]): void {
    if (!this.#isOpen) return
    const byFlow = recordsByFlow(records)
    for (const definition of definitions) {
      // It may have been replaced meanwhile.
      if (this.#parts.registry.find(definition.id) !== definition) continue
      const known = knownSchedules(definition, byFlow.get(definition.id) ?? [])
      this.#entries.keepOnly(definition.id, known)
      for (const one of known) this.#keep(definition, one)
    }
  }

  #keep(definition: FlowDefinition, known: KnownSchedule): void {
    const kept = this.#entries.keep(definition, known)
    if (kept) this.#plan(kept)
  }

  #plan(entry: ScheduleEntry): void {
    try {
      entry.lookAt = nextLookAt(entry.known.schedule, entry.known.record)
    } catch (error) {
      this.#failed(entry, error)
    }
    this.#wake(entry.lookAt)
  }

  // A timer that comes too early does no harm, so none is taken back.
  #wake(at: number | null): void {
    if (!this.#isOpen || at === null || at >= this.#wakeAt) return
    this.#stopTimer?.()
    this.#wakeAt = at
    const delayMs = Math.max(0, at - this.#parts.clock.now())
    this.#stopTimer = this.#parts.clock.setTimer(delayMs, () => this.#handleDue())
  }

  #handleDue(): void {
    // A timer may be early, or the clock may have been set: then nothing is due, and the timer is set again.
    const now = this.#parts.clock.now()
    let next = Infinity
    for (const entry of this.#entries.all()) {
      if (entry.isBusy || entry.lookAt === null) continue
      if (entry.lookAt > now || this.#busy >= MAX_AT_ONCE) next = Math.min(next, entry.lookAt)
      else void this.#handle(entry)
    }
    this.#stopTimer?.()
    this.#wakeAt = Infinity
    // With too many at once, the end of one of them wakes the others.
    if (this.#busy < MAX_AT_ONCE) this.#wake(next === Infinity ? null : next)
  }

  async #handle(entry: ScheduleEntry): Promise<void> {
    entry.isBusy = true
    this.#busy++
    try {
      while (await this.#handleOnce(entry));
      if (this.#entries.has(entry)) this.#plan(entry)
    } catch (error) {
      this.#failed(entry, error)
    }
    entry.isBusy = false
    this.#busy--
    // Of many, the next ones come in together.
    if (this.#busy === MAX_AT_ONCE / 2) this.#wake(this.#parts.clock.now())
    this.#wake(entry.lookAt)
  }

  /** Gives whether there may be more to do. */
  async #handleOnce(entry: ScheduleEntry): Promise<boolean> {
    const { known, definition } = entry
    const { schedule, record } = known
    const due = dueTimes(schedule, record, this.#parts.clock.now())
    if (due.state.handledAt === record.handledAt || !this.#entries.has(entry)) return false
    const stored = (await this.#parts.fire(known, definition, due)) ?? (await this.#read(record.id))
    if (stored === undefined) this.#entries.remove(record.flowId, record.id)
    else if (stored.revision > entry.known.record.revision)
      entry.known = { schedule: scheduleOf(entry.known, stored), record: stored }
    return this.#entries.has(entry)
  }

  async #read(id: string): Promise<ScheduleRecord | undefined> {
    const records = await this.#parts.storage.schedules.list()
    return records.find((record) => record.id === id)
  }

  #failed(entry: ScheduleEntry, error: unknown): void {
    if (!this.#isOpen) return
    this.#parts.report(error, `running schedule "${entry.known.record.id}" of "${entry.definition.name}"`)
    const isForAMoment = PerfectError.is(error) && error.retryable
    entry.lookAt = this.#parts.clock.now() + (isForAMoment ? RETRY_MS : RETRY_FAULTY_MS)
  }
}

// Another engine may have changed the schedule itself.
function scheduleOf(known: KnownSchedule, stored: ScheduleRecord): Schedule {
  const isSame = stored.origin === 'code' || stored.definition === known.record.definition
  return (isSame ? null : readSchedule(stored)) ?? known.schedule
}
