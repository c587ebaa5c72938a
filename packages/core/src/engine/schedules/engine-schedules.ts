import type { FlowDefinition } from '../../definition/flow.ts'
import { previewTimes } from '../../definition/schedules/preview.ts'
import { invalid, toInstant } from '../../definition/schedules/schedule-fields.ts'
import type { ScheduleOptions } from '../../definition/schedules/schedule-options.ts'
import { toSchedule, type Schedule } from '../../definition/schedules/schedule.ts'
import type { ActionsView } from '../../errors/action-view.ts'
import { PerfectError } from '../../errors/perfect-error.ts'
import type { ScheduleRecord } from '../../storage/records.ts'
import type { ScheduleAction } from '../action-views.ts'
import type { PredictScheduleQuery, SchedulePrediction } from '../forecast.ts'
import { questions, type QuestionHost } from '../questions.ts'
import { announceRun, disown } from '../trigger-run.ts'
import type { RunView } from '../views.ts'
import { knownSchedules } from './declare-schedules.ts'
import { newRecord, readSchedule, toDefinition, type KnownSchedule } from './schedule-record.ts'
import { checkMade, scheduleActions } from './schedule-rules.ts'
import { toFireTimeView, toScheduleView } from './schedule-views.ts'
import { newScheduledRun } from './scheduled-run.ts'
import type { FireTimeView, ScheduleView } from './views.ts'

/** Options of a schedule that is made while the engine runs. */
export type NewScheduleOptions = ScheduleOptions & {
  /** Id or name of the flow that it starts. */
  readonly flowId: string
}

/** Looks at a schedule that is about to be changed. */
export type CheckSchedule = (current: ScheduleView) => void

/** What the schedules ask of their engine. */
export interface EngineSchedulesHost extends QuestionHost {
  /** A schedule of a flow was changed. */
  readonly flowChanged: (definition: FlowDefinition) => void
}

const MAX_PREVIEW = 1000
const MAX_SKIPS = 1000
// Engines and people that change the same schedule at the same time meet here; each round, one gets through.
const MAX_ROUNDS = 20

/** The schedules of an engine: those that its flows declare, and those that were made while it ran. */
export class EngineSchedules {
  readonly #host: EngineSchedulesHost

  constructor(host: EngineSchedulesHost) {
    this.#host = host
  }

  /** All schedules, by id. @throws {PerfectError} STORAGE_UNAVAILABLE */
  async list(query: { readonly flowId?: string } = {}): Promise<readonly ScheduleView[]> {
    const known = await this.#all()
    return known
      .filter(({ record }) => query.flowId === undefined || record.flowId === query.flowId)
      .map((one) => this.#view(one))
  }

  /**
   * What the schedules will start in some time, how long that is expected to take, and where it meets the limits.
   *
   * @throws {PerfectError} REQUEST_INVALID, STORAGE_UNAVAILABLE
   */
  async predict(query: PredictScheduleQuery = {}): Promise<SchedulePrediction> {
    return (await questions()).predictSchedule(this.#host.parts, await this.#all(), query)
  }

  /** @throws {PerfectError} SCHEDULE_NOT_FOUND, STORAGE_UNAVAILABLE */
  async get(id: string): Promise<ScheduleView> {
    return this.#view(await this.#find(id))
  }

  /** What can be done with a schedule now, by the rules that the actions themselves ask. Changes nothing. */
  actions(schedule: ScheduleView): Promise<ActionsView<ScheduleAction>> {
    return scheduleActions(this.#host.parts, schedule)
  }

  /**
   * Makes a schedule and stores it. Its times count from now on, in every engine that has the flow.
   *
   * @throws {PerfectError} SCHEDULE_INVALID, DURATION_INVALID, FLOW_NOT_FOUND, INPUT_INVALID, VALUE_UNSERIALIZABLE, CONFIGURATION_INVALID, STORAGE_UNAVAILABLE
   */
  async create({ flowId, ...options }: NewScheduleOptions): Promise<ScheduleView> {
    const { parts, start } = this.#host
    await start()
    const definition = parts.registry.get(flowId)
    const schedule = toSchedule(definition.id, options, parts.ids.next('sch'))
    const record = newRecord(schedule, { flowId: definition.id, origin: 'api', now: parts.clock.now() })
    const known = { schedule, record }
    await this.#check(known, definition)
    const [receipt] = await parts.commit.append(
      [{ type: 'schedule.put', schedule: record, expectedRevision: null }],
      'impatient',
    )
    if (receipt?.accepted) return this.#changed(known)
    throw invalid('id', schedule.id, 'there is a schedule of this id', 'Give another id, or update that one.')
  }

  /**
   * Replaces all options of a schedule that was made while the engine ran. Its times count from now on.
   *
   * @param check Sees the schedule as it is just before the change; throws to keep it so.
   * @throws {PerfectError} SCHEDULE_NOT_FOUND, SCHEDULE_INVALID, FLOW_NOT_FOUND, DURATION_INVALID, INPUT_INVALID, VALUE_UNSERIALIZABLE, CONFIGURATION_INVALID, STORAGE_UNAVAILABLE
   */
  async update(id: string, options: ScheduleOptions, check: CheckSchedule = () => undefined): Promise<ScheduleView> {
    return this.#change(id, async (known) => {
      const { record } = known
      check(this.#view(known))
      const { flowId } = record
      checkMade(record, 'update')
      const schedule = toSchedule(flowId, { ...options, id: id.slice(flowId.length + 1) }, null)
      const definition = toDefinition(schedule, record)
      const changed = { schedule, record: { ...record, definition, handledAt: this.#host.parts.clock.now() } }
      await this.#check(changed, this.#host.parts.registry.get(flowId))
      return changed
    })
  }

  /**
   * Forgets a schedule that was made while the engine ran. Its runs stay.
   *
   * @param check Sees the schedule before it is forgotten; throws to keep it.
   * @throws {PerfectError} SCHEDULE_NOT_FOUND, SCHEDULE_INVALID when the code of a flow declares it, STORAGE_UNAVAILABLE
   */
  async remove(id: string, check: CheckSchedule = () => undefined): Promise<void> {
    const known = await this.#find(id)
    const { record } = known
    check(this.#view(known))
    const { commit, scheduler, bus } = this.#host.parts
    checkMade(record, 'remove')
    await commit.append([{ type: 'schedule.remove', scheduleId: id }], 'impatient')
    scheduler.removed(record)
    bus.publish('schedule.removed', () => ({ id, flowId: record.flowId }))
    this.#flowChanged(record.flowId)
  }

  /**
   * Stops a schedule, until it is resumed or until an instant. Times of the pause are not made up for.
   *
   * @throws {PerfectError} SCHEDULE_NOT_FOUND, SCHEDULE_INVALID when `until` is no instant of the future, STORAGE_UNAVAILABLE
   */
  async pause(id: string, options: { readonly until?: Date | string } = {}): Promise<ScheduleView> {
    return this.#change(id, ({ schedule, record }) => {
      const now = this.#host.parts.clock.now()
      const until = options.until === undefined ? null : toInstant('until', options.until, schedule.timezone)
      if (until !== null && until <= now)
        throw invalid('until', options.until, 'it has passed', 'Give an instant of the future, or leave it out.')
      return { schedule, record: { ...record, pausedAt: record.pausedAt ?? now, pausedUntil: until } }
    })
  }

  /**
   * Lets a schedule go on: its times count from now on, also when a wrong clock had brought it far ahead.
   *
   * @throws {PerfectError} SCHEDULE_NOT_FOUND, STORAGE_UNAVAILABLE
   */
  async resume(id: string): Promise<ScheduleView> {
    return this.#change(id, ({ schedule, record }) => {
      const now = this.#host.parts.clock.now()
      const isGoingOn = record.pausedAt === null && record.handledAt <= now
      const handledAt = isGoingOn ? record.handledAt : now
      return { schedule, record: { ...record, pausedAt: null, pausedUntil: null, handledAt } }
    })
  }

  /**
   * Leaves out the next times. Called again, the last count holds; 0 takes it back.
   *
   * @param count Unit: times. Range: 0..1000. Default: 1.
   * @throws {PerfectError} SCHEDULE_NOT_FOUND, SCHEDULE_INVALID when the count is out of range, STORAGE_UNAVAILABLE
   */
  async skipNext(id: string, count: number = 1): Promise<ScheduleView> {
    if (!Number.isInteger(count) || count < 0 || count > MAX_SKIPS)
      throw invalid('skips', count, 'it is out of range', 'Give a whole number from 0 to 1000.')
    return this.#change(id, ({ schedule, record }) => ({ schedule, record: { ...record, skips: count } }))
  }

  /**
   * Starts a run of a schedule now, beside its times. Where runs of the schedule may not overlap, it waits for those before it.
   *
   * @throws {PerfectError} SCHEDULE_NOT_FOUND, FLOW_NOT_FOUND, INPUT_INVALID, VALUE_UNSERIALIZABLE, CONFIGURATION_INVALID, STORAGE_UNAVAILABLE
   */
  async runNow(id: string): Promise<RunView> {
    const known = await this.#find(id)
    const { parts } = this.#host
    const definition = parts.registry.get(known.record.flowId)
    const { run, changes } = await newScheduledRun(parts, known, definition, null)
    try {
      await parts.commit.append(changes, 'impatient')
    } catch (error) {
      if (PerfectError.is(error, 'STORAGE_UNAVAILABLE')) disown(parts, run)
      throw error
    }
    announceRun(parts, run)
    if (definition.run === null) parts.workers.wake()
    else parts.dispatcher.wake()
    return parts.active.view(run)
  }

  /**
   * The next times of a schedule, or of options that are not stored.
   *
   * @param count Unit: times. Range: 1..1000. Default: 10.
   * @throws {PerfectError} SCHEDULE_NOT_FOUND, SCHEDULE_INVALID, DURATION_INVALID, STORAGE_UNAVAILABLE
   */
  async preview(idOrOptions: string | ScheduleOptions, count: number = 10): Promise<readonly FireTimeView[]> {
    if (!Number.isInteger(count) || count < 1 || count > MAX_PREVIEW)
      throw invalid('count', count, 'it is out of range', 'Give a whole number from 1 to 1000.')
    const now = this.#host.parts.clock.now()
    const { schedule, record } =
      typeof idOrOptions === 'string' ? await this.#find(idOrOptions) : unstored(idOrOptions, now)
    return previewTimes(schedule, record, now, count).map(toFireTimeView)
  }

  async #all(): Promise<readonly KnownSchedule[]> {
    const { parts, start } = this.#host
    await start()
    const records = await parts.storage.schedules.list()
    return records.flatMap((record) => {
      const definition = parts.registry.find(record.flowId)
      if (definition) return knownSchedules(definition, [record])
      const schedule = readSchedule(record)
      return schedule === null ? [] : [{ schedule, record }]
    })
  }

  async #find(id: string): Promise<KnownSchedule> {
    const all = await this.#all()
    const found = all.find(({ record }) => record.id === id)
    if (found) return found
    throw new PerfectError(
      'SCHEDULE_NOT_FOUND',
      `There is no schedule ${JSON.stringify(id)}. List those that there are with engine.schedules.list().`,
      { details: { field: 'id', value: id } },
    )
  }

  /** Changes a schedule as it is stored; once more when somebody else has changed it meanwhile. */
  async #change(
    id: string,
    change: (known: KnownSchedule) => KnownSchedule | Promise<KnownSchedule>,
  ): Promise<ScheduleView> {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const known = await this.#find(id)
      const { schedule, record } = await change(known)
      const expectedRevision = known.record.revision
      const stored = { ...record, revision: expectedRevision + 1 }
      const put = { type: 'schedule.put', schedule: stored, expectedRevision } as const
      const [receipt] = await this.#host.parts.commit.append([put], 'impatient')
      if (receipt?.accepted) return this.#changed({ schedule, record: stored })
    }
    throw new PerfectError('STORAGE_UNAVAILABLE', `Schedule "${id}" is changed all the time. Try again.`)
  }

  #changed(known: KnownSchedule): ScheduleView {
    const { scheduler, bus } = this.#host.parts
    scheduler.changed(known)
    bus.publish('schedule.updated', () => this.#view(known))
    this.#flowChanged(known.record.flowId)
    return this.#view(known)
  }

  #flowChanged(flowId: string): void {
    const definition = this.#host.parts.registry.find(flowId)
    if (definition) this.#host.flowChanged(definition)
  }

  /** A run of it can be made. */
  async #check(known: KnownSchedule, definition: FlowDefinition): Promise<void> {
    await newScheduledRun(this.#host.parts, known, definition, null)
  }

  #view(known: KnownSchedule): ScheduleView {
    const { registry, clock } = this.#host.parts
    return toScheduleView(known, registry.nameOf(known.record.flowId), clock.now())
  }
}

function unstored(
  options: ScheduleOptions,
  now: number,
): { readonly schedule: Schedule; readonly record: ScheduleRecord } {
  const schedule = toSchedule('preview', options, null)
  return { schedule, record: newRecord(schedule, { flowId: 'preview', origin: 'code', now }) }
}
