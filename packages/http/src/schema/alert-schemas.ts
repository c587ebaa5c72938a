import {
  ALERT_KINDS,
  ALERT_STATES,
  RUN_STATUSES,
  TRIGGER_KINDS,
  type AlertEvent,
  type AlertRun,
  type AlertView,
  type Page,
} from '@perfect/core'
import { z, type ZodType } from 'zod'

import { canField, type AlertAction, type Can } from './action-schemas.ts'
import { instantSchema, pageQueryFields, pageSchema, type PageQuery, type PageQueryInput } from './page-schema.ts'

const alertRunSchema: ZodType<AlertRun> = z
  .object({
    id: z.string(),
    status: z.enum(RUN_STATUSES),
    configuration: z.string(),
    version: z.string(),
    trigger: z.object({ kind: z.enum(TRIGGER_KINDS), by: z.string().nullable() }),
    attempt: z.int().min(1),
    createdAt: instantSchema,
    startedAt: instantSchema.nullable(),
    finishedAt: instantSchema.nullable(),
    durationMs: z.number().min(0).nullable(),
  })
  .meta({ id: 'AlertRun' })

const base = {
  id: z.string().describe('The same for every attempt: the header "webhook-id"'),
  version: z.literal(1),
  timestamp: instantSchema.describe('When it happened'),
}
const about = { rule: z.string(), flow: z.object({ id: z.string(), name: z.string() }) }

const eventSchema = z
  .discriminatedUnion('type', [
    z.object({
      ...base,
      type: z.literal('run.failed'),
      data: z.object({
        ...about,
        run: alertRunSchema,
        error: z.object({
          name: z.string(),
          code: z.string().nullable(),
          message: z.string(),
          task: z.string().nullable().describe('Name of the task whose error it was; null when the flow itself failed'),
          fingerprint: z.string().describe('Names its group in the list of failures'),
        }),
      }),
    }),
    z.object({
      ...base,
      type: z.literal('run.slow'),
      data: z.object({
        ...about,
        run: alertRunSchema,
        expected: z.object({ expectedMs: z.number(), earlyMs: z.number(), lateMs: z.number() }),
      }),
    }),
    z.object({
      ...base,
      type: z.literal('schedule.missed'),
      data: z.object({
        ...about,
        schedule: z.object({ id: z.string() }),
        reason: z.enum(['down', 'overlap', 'input']),
        count: z.int().min(1),
        isMore: z.boolean(),
        first: instantSchema,
      }),
    }),
    z.object({
      ...base,
      type: z.literal('flow.recovered'),
      data: z.object({ ...about, run: alertRunSchema, failingSince: instantSchema, failedRuns: z.int().min(1) }),
    }),
  ])
  .describe('What is told: the body of the webhook')
  .meta({ id: 'AlertEvent' }) as ZodType<AlertEvent>

const alertSchema: ZodType<AlertView & Can<AlertAction>> = z
  .object({
    id: z.string(),
    rule: z.string().describe('Name of the rule that asked for it, which says who is told'),
    kind: z.enum(ALERT_KINDS),
    flowId: z.string(),
    runId: z.string().nullable(),
    scheduleId: z.string().nullable(),
    createdAt: instantSchema,
    state: z.enum(ALERT_STATES),
    attempts: z.int().min(0).describe('Attempts that have begun'),
    maxAttempts: z.int().min(1).describe('It is given up after this many'),
    nextAttemptAt: instantSchema.nullable(),
    settledAt: instantSchema.nullable().describe('When it was delivered or given up'),
    problem: z.string().nullable().describe('Why the last attempt that has ended did not deliver it'),
    event: eventSchema,
    ...canField<AlertAction>('AlertActions', { retry: '' }),
  })
  .meta({ id: 'Alert' })

/** Answer with an alert. */
export interface AlertAnswer {
  readonly alert: AlertView & Can<AlertAction>
}

/** Schema of an answer with an alert. */
export const alertAnswerSchema: ZodType<AlertAnswer> = z.object({ alert: alertSchema }).meta({ id: 'AlertAnswer' })

/** Schema of a page of alerts. */
export const alertPageSchema: ZodType<Page<AlertView & Can<AlertAction>>> = pageSchema(alertSchema, 'AlertPage')

/** Which alerts. */
export interface AlertsUrlQuery extends PageQuery {
  readonly state?: AlertView['state'] | undefined
  readonly flow?: string | undefined
}

/** How alerts are asked for in a URL. */
export interface AlertsUrlQueryInput extends PageQueryInput {
  readonly state?: string
  readonly flow?: string
}

/** Schema of which alerts. */
export const alertsQuerySchema = z.object({
  state: z.enum(ALERT_STATES).optional(),
  flow: z.string().max(200).optional().describe('Id or name of a flow'),
  ...pageQueryFields(50),
}) as ZodType<AlertsUrlQuery, AlertsUrlQueryInput>
