/* What stands in the URL of the routes of runs. */
import { RUN_STATUSES, type RunStatus } from '@perfect/core'
import { z, type ZodType } from 'zod'

import { pageQueryFields, type PageQuery, type PageQueryInput } from './page-schema.ts'

/** Schema of how long to wait; what it may be is checked where it is read. */
export const waitQuerySchema = z.object({
  wait: z.string().max(20).optional().describe('Waits for the end of the run: seconds, or 10s. At most 30 s'),
}) as ZodType<{ readonly wait?: string | undefined }, { readonly wait?: string }>

/** Which runs. */
export interface RunFilterUrlQuery {
  /** Id or name of a flow. */
  readonly flow?: string | undefined
  readonly status: readonly RunStatus[]
  readonly filter?: string | undefined
  readonly since?: string | undefined
  readonly until?: string | undefined
  readonly q?: string | undefined
}

/** Which runs to list. */
export interface RunsUrlQuery extends PageQuery, RunFilterUrlQuery {
  readonly at?: string | undefined
  readonly around?: number | undefined
  readonly count?: 'true' | 'false' | undefined
}

/** How runs are asked for in a URL. */
export interface RunFilterUrlQueryInput {
  readonly flow?: string
  readonly status?: RunStatus | RunStatus[]
  /** `status:failed -flow:etl tag:nightly since:24h`: see the guide. */
  readonly filter?: string
  /** An instant, or how long ago: `24h`. */
  readonly since?: string
  readonly until?: string
  /** Text in the id, the flow or the error. */
  readonly q?: string
}

/** How a list of runs is asked for in a URL. */
export interface RunsUrlQueryInput extends PageQueryInput, RunFilterUrlQueryInput {
  /** A page around this time: an instant, or how long ago (`24h`). Without a cursor. */
  readonly at?: string
  /** Runs of that page. Range: 1..200. Default: `limit`. */
  readonly around?: string
  /** Says how many fit, too. */
  readonly count?: 'true' | 'false'
}

/** Parameters that say which runs. */
export const runFilterFields: Readonly<Record<keyof RunFilterUrlQuery, ZodType>> = {
  flow: z.string().max(200).optional().describe('Id or name of a flow'),
  // One parameter comes as text, a repeated one as a list.
  status: z
    .preprocess(
      (value) => (typeof value === 'string' ? [value] : value),
      z.array(z.enum(RUN_STATUSES)).max(20).default([]),
    )
    .describe('Any of these; repeat it for several'),
  filter: z
    .string()
    .max(4000)
    .optional()
    .describe('As text: status:failed -flow:etl tag:nightly attr.region:eu since:24h duration:>5m "text"'),
  since: z.string().max(100).optional().describe('Created then or later: an instant, or how long ago (24h)'),
  until: z.string().max(100).optional().describe('Created before'),
  q: z.string().max(500).optional().describe('Text in the id, the flow or the error'),
}

/** Schema of which runs to list. */
export const runsQuerySchema: ZodType<RunsUrlQuery, RunsUrlQueryInput> = z
  .object({
    ...runFilterFields,
    at: z
      .string()
      .max(100)
      .optional()
      .describe('A page around this time, half of it newer: an instant, or how long ago (24h)'),
    around: z.coerce.number().int().min(1).max(200).optional().describe('Runs of the page around "at"'),
    count: z.enum(['true', 'false']).optional().describe('Says how many fit, too, up to 10,000'),
    ...pageQueryFields(50),
  })
  .refine(({ at, around }) => around === undefined || at !== undefined, {
    path: ['around'],
    message: 'Says how many runs around "at": give "at", too',
  }) as ZodType<RunsUrlQuery, RunsUrlQueryInput>
