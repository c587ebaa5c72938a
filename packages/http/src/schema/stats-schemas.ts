import type { DurationView, FlowVersionRecord, RunStatsView, VersionReport } from '@perfect/core'
import { z, type ZodType } from 'zod'

import { instantSchema, listSchema, type ListAnswer } from './page-schema.ts'

/** Schema of how long runs took, or waited. */
export const timesSchema: ZodType<DurationView> = z
  .object({ mean: z.number(), p50: z.number(), p90: z.number(), p95: z.number(), p99: z.number() })
  .meta({ id: 'Times' })

const statsSchema: ZodType<RunStatsView> = z
  .object({
    flowId: z.string(),
    configuration: z.string(),
    from: instantSchema.describe('Start of the bucket'),
    runs: z.object({ succeeded: z.int().min(0), failed: z.int().min(0), cancelled: z.int().min(0) }),
    successRate: z.number().min(0).max(1).nullable(),
    duration: timesSchema.nullable().describe('From the first start to the end, of runs that succeeded, in ms'),
    waitMs: z.number().min(0).describe('Mean time from creation to the first start'),
  })
  .meta({ id: 'RunStats' })

/** Schema of figures about runs. */
export const statsListSchema: ZodType<ListAnswer<RunStatsView>> = listSchema(statsSchema, 'RunStatsList')

/** Which figures. */
export interface StatsUrlQuery {
  readonly flow?: string | undefined
  readonly since?: string | undefined
  readonly until?: string | undefined
  readonly bucketHours: number
}

/** How figures are asked for in a URL. */
export interface StatsUrlQueryInput {
  readonly flow?: string
  readonly since?: string
  readonly until?: string
  readonly bucketHours?: string
}

const timeFields = {
  since: z.string().max(100).optional().describe('An instant, or how long ago: 24h. Default: 24h'),
  until: z.string().max(100).optional().describe('An instant, or how long ago. Default: now'),
  bucketHours: z.coerce.number().int().min(1).max(8760).default(1).describe('Width of a bucket'),
}

/** Schema of which figures of one flow. */
export const flowStatsQuerySchema = z.object(timeFields) as ZodType<StatsUrlQuery, Omit<StatsUrlQueryInput, 'flow'>>

/** Schema of which figures. */
export const statsQuerySchema = z.object({
  flow: z.string().max(200).optional().describe('Id or name of a flow'),
  ...timeFields,
}) as ZodType<StatsUrlQuery, StatsUrlQueryInput>

/** A version of a flow that was seen. */
export interface FlowVersionView {
  readonly version: string
  /** Shape of its code. */
  readonly fingerprint: string
  readonly firstSeenAt: string
  readonly lastSeenAt: string
}

/** A version as it is answered. */
export function toVersionView({ version, fingerprint, firstSeenAt, lastSeenAt }: FlowVersionRecord): FlowVersionView {
  return {
    version,
    fingerprint,
    firstSeenAt: new Date(firstSeenAt).toISOString(),
    lastSeenAt: new Date(lastSeenAt).toISOString(),
  }
}

const versionSchema: ZodType<FlowVersionView> = z
  .object({ version: z.string(), fingerprint: z.string(), firstSeenAt: instantSchema, lastSeenAt: instantSchema })
  .meta({ id: 'FlowVersion' })

/** Schema of the versions of a flow. */
export const versionListSchema: ZodType<ListAnswer<FlowVersionView>> = listSchema(versionSchema, 'FlowVersionList')

/** Schema of what becomes of open runs. */
export const versionReportSchema: ZodType<VersionReport> = z
  .object({
    runs: z.array(
      z.object({
        runId: z.string(),
        flowId: z.string(),
        version: z.string(),
        verdict: z.enum(['same', 'pinned', 'compatible', 'held']),
        text: z.string().nullable(),
      }),
    ),
    checked: z.int().min(0),
    isPartial: z.boolean(),
  })
  .meta({ id: 'VersionReport' })
