import { MISSED_POLICIES, OVERLAP_POLICIES, type FlowRegistration, type FlowView, type Page } from '@perfect/core'
import { z, type ZodType } from 'zod'

import { canField, type Can, type FlowAction } from './action-schemas.ts'
import { durationSchema, instantSchema, pageSchema } from './page-schema.ts'

/** Schema of a flow. */
const flowSchema: ZodType<FlowView & Can<FlowAction>> = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    version: z.string(),
    tags: z.array(z.string()),
    tasks: z.array(
      z.object({ name: z.string(), weight: z.number().positive(), estimatedMs: z.number().min(0).nullable() }),
    ),
    schedule: z.object({ cron: z.string(), timezone: z.string(), nextAt: instantSchema.nullable() }).nullable(),
    inputSchema: z.record(z.string(), z.unknown()).nullable().describe('JSON Schema of the input, when known'),
    runsOn: z.enum(['engine', 'worker']),
    workers: z.int().min(0),
    configurations: z.array(z.string()),
    defaultConfiguration: z.string(),
    ...canField<FlowAction>('FlowActions', { trigger: '', schedule: 'Making schedules for it', remove: '' }),
  })
  .meta({ id: 'Flow' })

/** Schema of a page of flows. */
export const flowPageSchema: ZodType<Page<FlowView & Can<FlowAction>>> = pageSchema(flowSchema, 'FlowPage')

/** Answer with a flow. */
export interface FlowAnswer {
  readonly flow: FlowView & Can<FlowAction>
}

/** Schema of an answer with a flow. */
export const flowAnswerSchema: ZodType<FlowAnswer> = z.object({ flow: flowSchema }).meta({ id: 'FlowAnswer' })

/** What became of a registration. */
export interface RegisterAnswer {
  readonly status: 'created' | 'updated' | 'unchanged'
  readonly flow: FlowView & Can<FlowAction>
}

/** Schema of what became of a registration. */
export const registerAnswerSchema: ZodType<RegisterAnswer> = z
  .object({ status: z.enum(['created', 'updated', 'unchanged']), flow: flowSchema })
  .meta({ id: 'RegisterAnswer' })

const concurrencySchema = z.object({
  limit: z.int().min(1).exactOptional(),
  perKey: z
    .object({ limit: z.int().min(1), field: z.string().min(1).describe('Name of a field of the input') })
    .exactOptional(),
})
const attemptsSchema = z.int().min(1).max(1000)
const retrySchema = z.object({
  attempts: attemptsSchema.exactOptional(),
  backoff: z
    .union([
      durationSchema,
      z.object({
        first: durationSchema.exactOptional(),
        factor: z.number().min(1).exactOptional(),
        max: durationSchema.exactOptional(),
        jitter: z.boolean().exactOptional(),
      }),
    ])
    .exactOptional(),
})

const scheduleRules = {
  timezone: z.string().exactOptional(),
  missed: z.enum(MISSED_POLICIES).exactOptional().describe('What is done with times that passed while no engine ran'),
  overlap: z.enum(OVERLAP_POLICIES).exactOptional().describe('What is done while an earlier run has not ended'),
  jitter: durationSchema.exactOptional().describe('Each time is run up to this much later'),
}

/** Schema of a flow to register. */
export const registrationSchema: ZodType<FlowRegistration, FlowRegistration> = z
  .object({
    name: z.string(),
    id: z.string().exactOptional(),
    version: z.string().exactOptional(),
    description: z.string().exactOptional(),
    tags: z.array(z.string()).exactOptional(),
    schedule: z
      .union([
        z.string(),
        z.object({ cron: z.string(), ...scheduleRules }),
        z.object({ every: durationSchema, ...scheduleRules }),
      ])
      .exactOptional(),
    inputSchema: z.record(z.string(), z.unknown()).exactOptional().describe('Input that does not fit is refused'),
    concurrency: z
      .union([z.int().min(1), concurrencySchema])
      .exactOptional()
      .describe('Runs at a time'),
    rateLimit: z.object({ limit: z.int().min(1).max(10_000), per: durationSchema }).exactOptional(),
    priority: z.number().min(-10).max(10).exactOptional().describe('Larger goes first'),
    timeout: durationSchema.exactOptional().describe('How long a run may take from its first start'),
    retry: z.union([attemptsSchema, retrySchema]).exactOptional().describe('Attempts of a run that fails'),
    tasks: z
      .array(
        z.object({
          name: z.string(),
          weight: z.number().exactOptional(),
          estimatedTime: durationSchema.exactOptional(),
        }),
      )
      .exactOptional(),
  })
  .meta({ id: 'FlowRegistration' })
