import { ESTIMATE_STATES, RUN_STATUSES, TASK_KINDS, TASK_STATUSES, TRIGGER_KINDS, WAIT_REASONS } from '@perfect/core'
import type {
  ErrorView,
  EstimateView,
  Page,
  ProgressView,
  RunDetailView,
  RunStatus,
  RunView,
  TaskView,
} from '@perfect/core'
import { z, type ZodType } from 'zod'

import { instantSchema, pageQueryFields, pageSchema, type PageQuery, type PageQueryInput } from './page-schema.ts'

const errorSchema: ZodType<ErrorView> = z
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
const runSchema: ZodType<RunView> = z
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

/** Schema of a page of runs. */
export const runPageSchema: ZodType<Page<RunView>> = pageSchema(runSchema, 'RunPage')

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
    startedAt: instantSchema,
    finishedAt: instantSchema.nullable(),
    wakeAt: instantSchema.nullable(),
    line: z
      .object({
        limit: z.string(),
        max: z.int().min(1),
        perMs: z.number().nullable(),
        place: z.int().min(1),
      })
      .nullable(),
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
  })
  .meta({ id: 'RunDetail' })

/** Answer with a run. */
export interface RunAnswer {
  readonly run: RunView
}

/** Schema of an answer with a run. */
export const runAnswerSchema: ZodType<RunAnswer> = z.object({ run: runSchema }).meta({ id: 'RunAnswer' })

/** How to trigger a flow. */
export interface TriggerBody {
  /** Default: the flow's default configuration. */
  readonly configuration?: string
  readonly input?: unknown
  /** A flow has at most one run per key; the header `Idempotency-Key` says the same. */
  readonly idempotencyKey?: string
}

/** Schema of how to trigger a flow. */
export const triggerBodySchema: ZodType<TriggerBody, TriggerBody> = z
  .object({
    configuration: z.string().exactOptional(),
    input: z.unknown().optional(),
    idempotencyKey: z.string().min(1).max(200).exactOptional(),
  })
  .meta({ id: 'TriggerRequest' })

/** Why a run is cancelled. */
export interface CancelBody {
  readonly reason?: string
}

/** Schema of why a run is cancelled. */
export const cancelBodySchema: ZodType<CancelBody, CancelBody> = z
  .object({ reason: z.string().max(1000).exactOptional() })
  .meta({ id: 'CancelRequest' })

/** Which runs to list. */
export interface RunsUrlQuery extends PageQuery {
  /** Id or name of a flow. */
  readonly flow?: string | undefined
  readonly status: readonly RunStatus[]
}

/** How a list of runs is asked for in a URL. */
export interface RunsUrlQueryInput extends PageQueryInput {
  readonly flow?: string
  readonly status?: RunStatus | RunStatus[]
}

/** Schema of which runs to list. */
export const runsQuerySchema: ZodType<RunsUrlQuery, RunsUrlQueryInput> = z.object({
  flow: z.string().max(200).optional().describe('Id or name of a flow'),
  // One parameter comes as text, a repeated one as a list.
  status: z
    .preprocess(
      (value) => (typeof value === 'string' ? [value] : value),
      z.array(z.enum(RUN_STATUSES)).max(20).default([]),
    )
    .describe('Any of these; repeat it for several'),
  ...pageQueryFields(50),
}) as ZodType<RunsUrlQuery, RunsUrlQueryInput>
