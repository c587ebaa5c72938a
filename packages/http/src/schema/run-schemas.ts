import { ESTIMATE_STATES, RUN_STATUSES, TASK_KINDS, TASK_STATUSES, TRIGGER_KINDS, WAIT_REASONS } from '@perfect/core'
import type {
  RunAction,
  Duration,
  ErrorView,
  EstimateView,
  LinePlaceView,
  Page,
  ProgressView,
  RunDetailView,
  RunPage,
  RunView,
  TaskView,
} from '@perfect/core'
import { z, type ZodType } from 'zod'

import { canField } from './action-schemas.ts'
import { durationSchema, instantSchema, pageSchema } from './page-schema.ts'

/** Schema of an error. */
export const errorSchema: ZodType<ErrorView> = z
  .object({ name: z.string(), code: z.string().nullable(), message: z.string() })
  .meta({ id: 'Error' })

const fractionSchema = z.number().min(0).max(1)

const progressSchema: ZodType<ProgressView> = z
  .object({
    percent: z.number().min(0).max(100).describe('Never falls; 100 only on success'),
    done: z.int().min(0),
    total: z.int().min(0),
    current: z.string().nullable(),
    segments: z.array(
      z.object({
        name: z.string(),
        weight: z.number().positive(),
        fraction: fractionSchema,
        status: z.enum(['pending', 'running', 'retrying', 'succeeded', 'failed']),
      }),
    ),
    found: z
      .object({ tasks: z.int().min(2), at: instantSchema, text: z.string() })
      .nullable()
      .describe('Work that the run found last'),
  })
  .meta({ id: 'Progress' })

const estimateSchema: ZodType<EstimateView> = z
  .object({
    state: z.enum(ESTIMATE_STATES),
    remainingMs: z.number().min(0).nullable(),
    finishAt: instantSchema.nullable(),
    early: instantSchema.nullable().describe('Four of five runs end between early and late'),
    late: instantSchema.nullable(),
    fraction: fractionSchema.nullable().describe('Share of the whole time; never falls'),
    startsInMs: z.number().min(0).nullable().describe('For a run in line'),
    ahead: z.int().min(0).nullable(),
    basis: z.string().describe('What it was made from'),
    sentence: z.string().describe('For people'),
  })
  .meta({ id: 'Estimate' })

/** Schema of a run. */
export const runSchema: ZodType<RunView> = z
  .object({
    id: z.string(),
    flowId: z.string(),
    flowName: z.string(),
    flowVersion: z.string(),
    status: z.enum(RUN_STATUSES),
    reason: z.enum(WAIT_REASONS).nullable().describe('Why it is not progressing'),
    configuration: z.string(),
    trigger: z.object({ kind: z.enum(TRIGGER_KINDS), by: z.string().nullable() }),
    createdAt: instantSchema,
    startedAt: instantSchema.nullable(),
    finishedAt: instantSchema.nullable(),
    wakeAt: instantSchema.nullable(),
    epoch: z.int().min(0),
    workerId: z.string().nullable(),
    progress: progressSchema,
    estimate: estimateSchema
      .nullable()
      .describe('How long it still takes; null once it has ended, and in lists where it would have to be read'),
    error: errorSchema.nullable(),
    cancelRequestedAt: instantSchema.nullable(),
    cancelReason: z.string().nullable(),
    tags: z.array(z.string()),
    attributes: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
    priority: z.number().min(-10).max(10),
    pausedAt: instantSchema.nullable(),
    parentRunId: z.string().nullable().describe('The run whose flow called this one'),
    retryOf: z.string().nullable().describe('The run that this one tries again'),
    attempt: z.int().min(1).describe('Which attempt it is by the retry option of its flow'),
    nextRunId: z.string().nullable().describe('The next attempt, which goes on in place of this run'),
  })
  .meta({ id: 'Run' })

const runCursorFields = {
  nextCursor: z.string().nullable().describe('Where the next page starts, with older runs; null on the last page'),
  prevCursor: z.string().nullable().describe('Where the page before starts, with newer runs; null on the first page'),
}

/** Schema of a page of runs. */
export const runPageSchema: ZodType<RunPage> = z
  .object({ items: z.array(runSchema), ...runCursorFields })
  .meta({ id: 'RunPage' })

/** A page of a list of runs. */
export interface RunListAnswer extends RunPage {
  /** How many fit, when that was asked for. `isMore`: more than were counted. */
  readonly count?: { readonly value: number; readonly isMore: boolean }
}

/** Schema of a page of a list of runs. */
export const runListSchema: ZodType<RunListAnswer> = z
  .object({
    items: z.array(runSchema),
    ...runCursorFields,
    count: z.object({ value: z.int().min(0), isMore: z.boolean() }).exactOptional(),
  })
  .meta({ id: 'RunList' })

/** Schema of a place in the line for a limit. */
export const lineSchema: ZodType<LinePlaceView> = z.object({
  limit: z.string(),
  max: z.int().min(1),
  perMs: z.number().nullable(),
  place: z.int().min(1),
})

/** Schema of a task of a run. */
const taskSchema: ZodType<TaskView> = z
  .object({
    key: z.string(),
    name: z.string(),
    kind: z.enum(TASK_KINDS),
    origin: z.enum(['run', 'cache', 'copied']),
    childRunId: z.string().nullable(),
    status: z.enum(TASK_STATUSES),
    attempt: z.int().min(1),
    weight: z.number(),
    fraction: fractionSchema,
    note: z.string().nullable(),
    estimatedMs: z.number().nullable(),
    remainingMs: z.number().min(0).nullable().describe('What it is expected to need yet while it runs'),
    startedAt: instantSchema,
    finishedAt: instantSchema.nullable(),
    wakeAt: instantSchema.nullable(),
    line: lineSchema.nullable(),
    error: errorSchema.nullable(),
  })
  .meta({ id: 'Task' })

/** Schema of a run with everything that is known of it. */
export const runDetailSchema: ZodType<RunDetailView> = z
  .object({
    run: runSchema,
    tasks: z.array(taskSchema),
    input: z.unknown().describe('Structured values carry a "$type"'),
    result: z.unknown().describe('Structured values carry a "$type"'),
    logLines: z.int().min(0),
    ...canField<RunAction>('RunActions', {
      cancel: '',
      pause: '',
      resume: '',
      retry: 'With the input and configuration of the run, taking over what has succeeded',
      retryFromStart: '',
      signal: '',
      verify: '',
      remove: '',
    }),
  })
  .meta({ id: 'RunDetail' })

/** Answer with a run. */
export interface RunAnswer {
  readonly run: RunView
}

/** Schema of an answer with a run. */
export const runAnswerSchema: ZodType<RunAnswer> = z.object({ run: runSchema }).meta({ id: 'RunAnswer' })

/** Schema of a page of tasks. */
export const taskPageSchema: ZodType<Page<TaskView>> = pageSchema(taskSchema, 'TaskPage')

/** Answer with a run that was waited for. */
export interface TriggerAnswer extends RunAnswer {
  /** What the flow returned, as JSON; only when the caller has waited and the run has succeeded. */
  readonly result?: unknown
}

/** Schema of an answer with a run that was waited for. */
export const triggerAnswerSchema: ZodType<TriggerAnswer> = z
  .object({ run: runSchema, result: z.unknown().optional().describe('With "wait", once the run has succeeded') })
  .meta({ id: 'TriggerAnswer' })

/** Nothing. */
export type EmptyBody = Readonly<Record<string, never>>

/** Schema of nothing. */
export const emptyBodySchema: ZodType<EmptyBody, EmptyBody> = z.strictObject({}).meta({ id: 'EmptyRequest' })

/** How to trigger a flow. */
export interface TriggerBody {
  /** Default: the flow's default configuration. */
  readonly configuration?: string
  readonly input?: unknown
  /** Larger goes first. Range: -10..10. */
  readonly priority?: number
  /** Starts so much later. */
  readonly delay?: Duration
  /** Starts at this time. */
  readonly startAt?: string
  /** Waits for `delay`; the same key meanwhile gives the waiting run the new input. */
  readonly debounce?: { readonly key: string; readonly delay: Duration; readonly maxWait?: Duration }
  /** Gives the run that is open with the same key, instead of a new one. */
  readonly dedupe?: { readonly key: string }
  readonly tags?: readonly string[]
  readonly attributes?: Readonly<Record<string, string | number | boolean>>
  /** A flow has at most one run per key; the header `Idempotency-Key` says the same. */
  readonly idempotencyKey?: string
}

/** Schema of how to trigger a flow. */
export const triggerBodySchema: ZodType<TriggerBody, TriggerBody> = z
  .object({
    configuration: z.string().exactOptional(),
    input: z.unknown().optional(),
    priority: z.number().exactOptional().describe('Larger goes first. -10..10'),
    delay: durationSchema.exactOptional().describe('Starts so much later'),
    startAt: z.string().meta({ format: 'date-time' }).exactOptional().describe('Starts at this time'),
    debounce: z
      .object({ key: z.string(), delay: durationSchema, maxWait: durationSchema.exactOptional() })
      .exactOptional(),
    dedupe: z.object({ key: z.string() }).exactOptional(),
    tags: z.array(z.string()).exactOptional(),
    attributes: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).exactOptional(),
    idempotencyKey: z.string().min(1).max(200).exactOptional(),
  })
  .meta({ id: 'TriggerRequest' })

/** How a run is cancelled. */
export interface CancelBody {
  readonly reason?: string
  /** Ends it at once: what runs is not waited for and nothing is undone. Default: false. */
  readonly force?: boolean
}

/** Schema of how a run is cancelled. */
export const cancelBodySchema: ZodType<CancelBody, CancelBody> = z
  .object({
    reason: z.string().max(1000).exactOptional(),
    force: z.boolean().exactOptional().describe('Ends it at once: nothing is waited for or undone'),
  })
  .meta({ id: 'CancelRequest' })

/** Why runs are cancelled. */
export type CancelReasonBody = Pick<CancelBody, 'reason'>

/** Schema of why runs are cancelled. */
export const cancelReasonBodySchema: ZodType<CancelReasonBody, CancelReasonBody> = z
  .strictObject({ reason: z.string().max(1000).exactOptional() })
  .meta({ id: 'CancelRunsRequest' })
