import type { FlowRegistration, FlowView, Page } from '@perfect/core'
import { z, type ZodType } from 'zod'

import { durationSchema, instantSchema, pageSchema } from './page-schema.ts'

/** Schema of a flow. */
const flowSchema: ZodType<FlowView> = z
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
  })
  .meta({ id: 'Flow' })

/** Schema of a page of flows. */
export const flowPageSchema: ZodType<Page<FlowView>> = pageSchema(flowSchema, 'FlowPage')

/** Answer with a flow. */
export interface FlowAnswer {
  readonly flow: FlowView
}

/** Schema of an answer with a flow. */
export const flowAnswerSchema: ZodType<FlowAnswer> = z.object({ flow: flowSchema }).meta({ id: 'FlowAnswer' })

/** What became of a registration. */
export interface RegisterAnswer {
  readonly status: 'created' | 'updated' | 'unchanged'
  readonly flow: FlowView
}

/** Schema of what became of a registration. */
export const registerAnswerSchema: ZodType<RegisterAnswer> = z
  .object({ status: z.enum(['created', 'updated', 'unchanged']), flow: flowSchema })
  .meta({ id: 'RegisterAnswer' })

/** Schema of a flow to register. */
export const registrationSchema: ZodType<FlowRegistration, FlowRegistration> = z
  .object({
    name: z.string(),
    id: z.string().exactOptional(),
    version: z.string().exactOptional(),
    description: z.string().exactOptional(),
    tags: z.array(z.string()).exactOptional(),
    schedule: z
      .union([z.string(), z.object({ cron: z.string(), timezone: z.string().exactOptional() })])
      .exactOptional(),
    inputSchema: z.record(z.string(), z.unknown()).exactOptional(),
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
