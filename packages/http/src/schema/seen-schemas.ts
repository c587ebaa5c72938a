import type { News, Seen } from '@perfect/core'
import { z, type ZodType } from 'zod'

import { instantSchema } from './page-schema.ts'

const newsSchema: ZodType<News> = z
  .object({
    until: instantSchema.nullable().describe('What happened then or before has been seen; null: nothing yet'),
    count: z.int().min(0).max(1000).describe('How much has happened since'),
    isMore: z.boolean().describe('Whether there may be more than were counted'),
  })
  .meta({ id: 'News' })

/** Schema of how much is new to a user. */
export const seenSchema: ZodType<Seen> = z
  .object({
    failures: newsSchema.describe('Runs that failed: of the 1,000 failed runs that were created last'),
    alerts: newsSchema.describe('Alerts that were made'),
  })
  .meta({ id: 'Seen' })

/** Up to when something has been seen. */
export interface SeenBody {
  readonly until?: string
}

/** Schema of up to when something has been seen. */
export const seenBodySchema: ZodType<SeenBody, SeenBody> = z
  .strictObject({ until: z.string().max(100).exactOptional().describe('An instant. Default: now') })
  .meta({ id: 'SeenRequest' })
