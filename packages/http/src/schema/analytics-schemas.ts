import type { EstimateAccuracyView, FailureGroupView, Page, RunSeries, RunSeriesPoint } from '@perfect/core'
import { z, type ZodType } from 'zod'

import { instantSchema, pageQueryFields, pageSchema, type PageQuery, type PageQueryInput } from './page-schema.ts'
import { timesSchema } from './stats-schemas.ts'

const share = z.number().min(0).max(1)

const accuracySchema: ZodType<EstimateAccuracyView> = z
  .object({
    runs: z.int().min(1).describe('Runs that had an estimate; those that waited for people have none'),
    withinInterval: share.describe(
      'Share that took no less and no more than the interval, made for four of five, said',
    ),
    meanErrorMs: z.number().min(0),
    medianError: z.number().min(0).describe('Difference between expected and real, as a share of the real time'),
  })
  .meta({ id: 'EstimateAccuracy' })

const pointSchema: ZodType<RunSeriesPoint> = z
  .object({
    from: instantSchema.describe('Start of the hour or day'),
    runs: z.object({ succeeded: z.int().min(0), failed: z.int().min(0), cancelled: z.int().min(0) }),
    perHour: z.number().min(0).describe('Runs that ended, per hour of the time that has passed of it'),
    successRate: share.nullable(),
    duration: timesSchema.nullable().describe('From the first start to the end, of runs that succeeded, in ms'),
    wait: timesSchema.nullable().describe('From creation to the first start, of runs that started, in ms'),
    estimates: accuracySchema.nullable().describe('Estimates that were made when runs started, against what came'),
  })
  .meta({ id: 'RunSeriesPoint' })

const bucketSchema = z.enum(['hour', 'day'])

/** Schema of figures over time. */
export const runSeriesSchema: ZodType<RunSeries> = z
  .object({
    bucket: bucketSchema,
    precision: z.number().describe('By how much percentiles may be off, as a share of them'),
    items: z.array(pointSchema).describe('The oldest first, also hours and days in which nothing ended'),
  })
  .meta({ id: 'RunSeries' })

/** Which figures over time. */
export interface SeriesUrlQuery {
  readonly flow?: string | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly bucket: 'hour' | 'day'
}

/** How figures over time are asked for in a URL. */
export interface SeriesUrlQueryInput {
  readonly flow?: string
  readonly from?: string
  readonly to?: string
  readonly bucket?: string
}

const flow = z.string().max(200).optional().describe('Id or name of a flow. Default: all flows together')
const timeText = z.string().max(100).optional()

/** Schema of which figures over time. */
export const seriesQuerySchema = z.object({
  flow,
  from: timeText.describe(
    'An instant, or how long ago: 24h. Its hour or day is the first. Default: 24 points ago, 30 of days',
  ),
  to: timeText.describe('An instant, or how long ago. Its hour or day is the last. Default: now'),
  bucket: bucketSchema.default('hour').describe('Width of a point; days are in UTC'),
}) as ZodType<SeriesUrlQuery, SeriesUrlQueryInput>

const failureSchema: ZodType<FailureGroupView> = z
  .object({
    fingerprint: z.string(),
    code: z.string().nullable(),
    task: z.string().nullable().describe('Name of the task whose error it was; null when the flow itself failed'),
    pattern: z.string().describe('The message with marks for what differs from run to run'),
    message: z.string().describe('The newest message, shortened'),
    runs: z.int().min(1),
    firstSeenAt: instantSchema,
    lastSeenAt: instantSchema,
    exampleRunId: z.string().describe('The run that failed last; it may have been removed since'),
    flows: z.array(z.object({ flowId: z.string(), runs: z.int().min(1) })).max(20),
  })
  .meta({ id: 'FailureGroup' })

/** Schema of a page of failures. */
export const failurePageSchema: ZodType<Page<FailureGroupView>> = pageSchema(failureSchema, 'FailureGroupPage')

/** Which failures. */
export interface FailuresUrlQuery extends PageQuery {
  readonly flow?: string | undefined
  readonly since?: string | undefined
}

/** How failures are asked for in a URL. */
export interface FailuresUrlQueryInput extends PageQueryInput {
  readonly flow?: string
  readonly since?: string
}

/** Schema of which failures. */
export const failuresQuerySchema = z.object({
  flow,
  since: timeText.describe('Only those seen since: an instant, or how long ago. Default: all that are kept'),
  ...pageQueryFields(50),
}) as ZodType<FailuresUrlQuery, FailuresUrlQueryInput>
