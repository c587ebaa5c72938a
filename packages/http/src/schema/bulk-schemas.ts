import { z, type ZodType } from 'zod'

import { instantSchema } from './page-schema.ts'

/** Which runs to select. */
export interface SelectBody {
  /** A filter, as in the list of runs: `status:failed -flow:etl since:24h`. */
  readonly filter?: string
  /** These runs, instead of a filter. */
  readonly runIds?: readonly string[]
}

/** Schema of which runs to select. */
export const selectBodySchema: ZodType<SelectBody, SelectBody> = z
  .strictObject({
    filter: z.string().max(4000).exactOptional().describe('As in the list of runs: status:failed -flow:etl since:24h'),
    runIds: z.array(z.string().max(200)).max(10_000).exactOptional().describe('These runs, instead of a filter'),
  })
  .refine(({ filter, runIds }) => (filter === undefined) !== (runIds === undefined), {
    message: 'Give either "filter" or "runIds"',
  })
  .meta({ id: 'SelectRequest' })

/** Runs that were chosen at one moment: what happens later changes nothing about which they are. */
export interface SelectionView {
  readonly id: string
  /** Number of runs. Range: 0..10,000. */
  readonly count: number
  /** Whether more runs fit than were taken. */
  readonly isPartial: boolean
  readonly createdAt: string
  readonly expiresAt: string
  /** The first of them, to look at. At most 20. */
  readonly sample: readonly string[]
}

/** Answer with a selection. */
export interface SelectionAnswer {
  readonly selection: SelectionView
}

/** Schema of an answer with a selection. */
export const selectionAnswerSchema: ZodType<SelectionAnswer> = z
  .object({
    selection: z
      .object({
        id: z.string(),
        count: z.int().min(0),
        isPartial: z.boolean(),
        createdAt: instantSchema,
        expiresAt: instantSchema,
        sample: z.array(z.string()),
      })
      .meta({ id: 'Selection' }),
  })
  .meta({ id: 'SelectionAnswer' })

/** What is done with many runs, and how far it is. */
export interface BulkView {
  readonly id: string
  readonly action: 'cancel' | 'retry' | 'remove'
  readonly status: 'running' | 'done'
  /** Number of runs. */
  readonly total: number
  /** Runs for which it was done. */
  readonly done: number
  /** Runs for which it could not be done. */
  readonly failed: number
  /** Why, for the first 100 of those. */
  readonly failures: readonly { readonly runId: string; readonly code: string | null; readonly message: string }[]
  readonly startedAt: string
  readonly finishedAt: string | null
}

/** Answer with a bulk action. */
export interface BulkAnswer {
  readonly bulk: BulkView
}

/** Schema of an answer with a bulk action. */
export const bulkAnswerSchema: ZodType<BulkAnswer> = z
  .object({
    bulk: z
      .object({
        id: z.string(),
        action: z.enum(['cancel', 'retry', 'remove']),
        status: z.enum(['running', 'done']),
        total: z.int().min(0),
        done: z.int().min(0),
        failed: z.int().min(0),
        failures: z.array(z.object({ runId: z.string(), code: z.string().nullable(), message: z.string() })),
        startedAt: instantSchema,
        finishedAt: instantSchema.nullable(),
      })
      .meta({ id: 'Bulk' }),
  })
  .meta({ id: 'BulkAnswer' })
