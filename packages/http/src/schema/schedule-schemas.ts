import {
  MISSED_POLICIES,
  OVERLAP_POLICIES,
  type FireTimeView,
  type ScheduleAction,
  type ScheduleOptions,
  type ScheduleView,
} from '@perfect/core'
import { z, type ZodType } from 'zod'

import { canField, type Can } from './action-schemas.ts'
import { durationSchema, instantSchema, listSchema, type ListAnswer } from './page-schema.ts'

/** Schema of a schedule. */
export const scheduleSchema: ZodType<ScheduleView & Can<ScheduleAction>> = z
  .object({
    id: z.string(),
    flowId: z.string(),
    flowName: z.string(),
    origin: z.enum(['code', 'api']).describe('"code": declared by the flow; "api": made while the engine ran'),
    kind: z.enum(['cron', 'interval', 'once', 'times']),
    cron: z.string(),
    timezone: z.string(),
    nextAt: instantSchema.nullable(),
    nextNote: z.string().nullable(),
    text: z.string(),
    description: z.string().nullable(),
    status: z.enum(['active', 'paused', 'ended']),
    pausedAt: instantSchema.nullable(),
    pausedUntil: instantSchema.nullable(),
    skips: z.int().min(0),
    handledAt: instantSchema,
    missed: z.enum(MISSED_POLICIES),
    windowMs: z.number().min(0),
    maxMissed: z.int().min(1),
    overlap: z.enum(OVERLAP_POLICIES),
    jitterMs: z.number().min(0),
    startAt: instantSchema.nullable(),
    endAt: instantSchema.nullable(),
    configuration: z.string().nullable(),
    input: z.unknown(),
    revision: z.int().min(0),
    ...canField<ScheduleAction>('ScheduleActions', {
      replace: '',
      remove: '',
      pause: '',
      resume: '',
      skip: '',
      run: '',
    }),
  })
  .meta({ id: 'Schedule' })

/** Schema of the schedules. */
export const scheduleListSchema: ZodType<ListAnswer<ScheduleView & Can<ScheduleAction>>> = listSchema(
  scheduleSchema,
  'ScheduleList',
)

/** Answer with a schedule. */
export interface ScheduleAnswer {
  readonly schedule: ScheduleView & Can<ScheduleAction>
}

/** Schema of an answer with a schedule. */
export const scheduleAnswerSchema: ZodType<ScheduleAnswer> = z
  .object({ schedule: scheduleSchema })
  .meta({ id: 'ScheduleAnswer' })

const timeSchema: ZodType<FireTimeView> = z
  .object({ at: instantSchema, firesAt: instantSchema, isSkipped: z.boolean(), note: z.string().nullable() })
  .meta({ id: 'FireTime' })

/** Schema of coming times. */
export const timeListSchema: ZodType<ListAnswer<FireTimeView>> = listSchema(timeSchema, 'FireTimeList')

/** When a flow starts by itself, as JSON: one of `cron`, `every` and `at`. */
export type ScheduleBody = {
  readonly [K in keyof Omit<Extract<ScheduleOptions, { cron: string }>, 'input' | 'start' | 'end' | 'cron'>]?: Extract<
    ScheduleOptions,
    { cron: string }
  >[K]
} & {
  readonly cron?: string
  readonly every?: number | string
  readonly at?: string | readonly string[]
  readonly start?: string
  readonly end?: string
  readonly input?: unknown
}

const text = z.string().max(1000)

// What numbers and texts may be is the engine's to say: it has a code for it.
const scheduleFields = {
  cron: text.exactOptional().describe('Cron expression of 5 or 6 fields'),
  every: durationSchema.exactOptional().describe('Distance of the times'),
  at: z
    .union([text, z.array(text).max(1000)])
    .exactOptional()
    .describe('One instant or several'),
  id: text.exactOptional(),
  timezone: text.exactOptional().describe('IANA name. Default: "UTC"'),
  description: text.exactOptional(),
  missed: z.enum(MISSED_POLICIES).exactOptional(),
  window: durationSchema.exactOptional(),
  maxMissed: z.number().exactOptional(),
  overlap: z.enum(OVERLAP_POLICIES).exactOptional(),
  jitter: durationSchema.exactOptional(),
  start: text.exactOptional(),
  end: text.exactOptional(),
  input: z.unknown().optional(),
  configuration: text.exactOptional(),
}

/** Schema of when a flow starts by itself. */
export const scheduleBodySchema = z.strictObject(scheduleFields).meta({ id: 'ScheduleRequest' }) as unknown as ZodType<
  ScheduleBody,
  ScheduleBody
>

/** A schedule to make. */
export type NewScheduleBody = ScheduleBody & {
  /** Id or name of the flow. */
  readonly flow: string
}

/** Schema of a schedule to make. */
export const newScheduleBodySchema = z
  .strictObject({ ...scheduleFields, flow: text.describe('Id or name of the flow') })
  .meta({ id: 'NewScheduleRequest' }) as unknown as ZodType<NewScheduleBody, NewScheduleBody>

/** How long a schedule is paused. */
export interface PauseScheduleBody {
  /** Default: until it is resumed. */
  readonly until?: string
}

/** Schema of how long a schedule is paused. */
export const pauseScheduleBodySchema: ZodType<PauseScheduleBody, PauseScheduleBody> = z
  .strictObject({ until: text.exactOptional().describe('An instant. Default: until it is resumed') })
  .meta({ id: 'PauseScheduleRequest' })

/** How many times are left out. */
export interface SkipScheduleBody {
  /** Unit: times. Range: 0..1000; 0 takes it back. Default: 1. */
  readonly count?: number
}

/** Schema of how many times are left out. */
export const skipScheduleBodySchema: ZodType<SkipScheduleBody, SkipScheduleBody> = z
  .strictObject({ count: z.number().exactOptional().describe('0..1000; 0 takes it back. Default: 1') })
  .meta({ id: 'SkipScheduleRequest' })

/** Of which flow. */
export interface FlowParameterInput {
  readonly flow?: string
}

/** Schema of which flow. */
export const flowParameterSchema = z.object({
  flow: z.string().max(200).optional().describe('Id or name of a flow'),
}) as ZodType<{ readonly flow?: string | undefined }, FlowParameterInput>

/** How many coming times to give. */
export interface TimesQueryInput {
  readonly count?: string
}

/** Schema of how many coming times to give. */
export const timesQuerySchema = z.object({
  count: z.coerce.number().int().min(1).max(1000).default(10).describe('Number of times'),
}) as ZodType<{ readonly count: number }, TimesQueryInput>
