import { RUN_STATUSES, type RunHistogram, type RunHistogramBar } from '@perfect/core'
import { z, type ZodType } from 'zod'

import { instantSchema } from './page-schema.ts'
import { runFilterFields, type RunFilterUrlQuery, type RunFilterUrlQueryInput } from './run-query-schemas.ts'

/** Which runs to count, and in how many bars. */
export interface HistogramUrlQuery extends RunFilterUrlQuery {
  readonly bars: number
}

/** How a histogram of runs is asked for in a URL. */
export interface HistogramUrlQueryInput extends RunFilterUrlQueryInput {
  /** Range: 1..500. Default: 60. */
  readonly bars?: string
}

/** Schema of which runs to count. */
export const histogramQuerySchema = z.object({
  ...runFilterFields,
  bars: z.coerce.number().int().min(1).max(500).default(60).describe('Number of bars'),
}) as unknown as ZodType<HistogramUrlQuery, HistogramUrlQueryInput>

const barSchema: ZodType<RunHistogramBar> = z
  .object({
    from: instantSchema.describe('Start of the bar'),
    runs: z
      .partialRecord(z.enum(RUN_STATUSES), z.int().min(1))
      .describe('Runs that were created then, by the status that they have now'),
  })
  .meta({ id: 'RunHistogramBar' })

/** Schema of a histogram of runs. */
export const histogramSchema: ZodType<RunHistogram> = z
  .object({
    widthMs: z.int().min(1).describe('Width of a bar'),
    isPartial: z.boolean().describe('More runs fit than were counted: the older bars have too few'),
    items: z.array(barSchema).describe('The oldest first'),
  })
  .meta({ id: 'RunHistogram' })
