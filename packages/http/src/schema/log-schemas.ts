import { LOG_LEVELS, type LogInput, type LogLevel, type LogView, type Page } from '@perfect/core'
import { z, type ZodType } from 'zod'

import { instantSchema, pageSchema } from './page-schema.ts'

/** Schema of a log line. */
const logSchema: ZodType<LogView> = z
  .object({
    seq: z.int().min(1),
    at: instantSchema,
    level: z.enum(LOG_LEVELS),
    task: z.string().nullable(),
    message: z.string(),
    fields: z.record(z.string(), z.unknown()).nullable(),
  })
  .meta({ id: 'LogLine' })

/** Schema of a page of log lines. */
export const logPageSchema: ZodType<Page<LogView>> = pageSchema(logSchema, 'LogPage')

/** Which log lines to list. */
export interface LogsUrlQuery {
  readonly after?: number | undefined
  readonly before?: number | undefined
  readonly level?: LogLevel | undefined
  readonly task?: string | undefined
  readonly q?: string | undefined
  readonly limit: number
}

/** How a list of log lines is asked for in a URL. */
export interface LogsUrlQueryInput {
  readonly after?: string
  readonly before?: string
  readonly level?: LogLevel
  readonly task?: string
  readonly q?: string
  readonly limit?: string
}

/** Schema of which log lines to list. */
export const logsQuerySchema: ZodType<LogsUrlQuery, LogsUrlQueryInput> = z.object({
  after: z.coerce.number().int().min(0).optional().describe('Only lines with a greater "seq"'),
  before: z.coerce.number().int().min(1).optional().describe('Only the last lines with a smaller "seq"'),
  level: z.enum(LOG_LEVELS).optional().describe('This level and those above'),
  task: z.string().max(2000).optional().describe('Key of the task that wrote them'),
  q: z.string().max(500).optional().describe('Only lines that contain this text'),
  limit: z.coerce.number().int().min(1).max(1000).default(200).describe('Lines of a page'),
}) as ZodType<LogsUrlQuery, LogsUrlQueryInput>

/** How lines are written into a file. */
export interface LogFormatQuery {
  readonly format: 'ndjson' | 'text'
}

const formatSchema = z.enum(['ndjson', 'text']).default('ndjson').describe('One JSON object a line, or text for people')

/** Schema of how lines are written into a file. */
export const logFormatQuerySchema: ZodType<LogFormatQuery, Partial<LogFormatQuery>> = z.object({
  format: formatSchema,
}) as ZodType<LogFormatQuery, Partial<LogFormatQuery>>

/** Which lines of a log to download, and how. */
export interface DownloadUrlQuery extends Pick<LogsUrlQuery, 'level' | 'task' | 'q'>, LogFormatQuery {}

/** How a log is downloaded. */
export interface DownloadUrlQueryInput
  extends Pick<LogsUrlQueryInput, 'level' | 'task' | 'q'>, Partial<LogFormatQuery> {}

/** Schema of how a log is downloaded. */
export const downloadQuerySchema: ZodType<DownloadUrlQuery, DownloadUrlQueryInput> = z.object({
  format: formatSchema,
  level: z.enum(LOG_LEVELS).optional().describe('This level and those above'),
  task: z.string().max(2000).optional().describe('Key of the task that wrote them'),
  q: z.string().max(500).optional().describe('Only lines that contain this text'),
}) as ZodType<DownloadUrlQuery, DownloadUrlQueryInput>

/** Lines to add to a log: one as text, or many. */
export interface AddLogsBody {
  readonly log?: string
  readonly lines?: readonly (string | LogInput)[]
}

/** Schema of lines to add to a log. */
export const addLogsBodySchema: ZodType<AddLogsBody, AddLogsBody> = z
  .object({
    log: z.string().exactOptional(),
    lines: z
      .array(
        z.union([
          z.string(),
          z.object({
            message: z.string(),
            level: z.enum(LOG_LEVELS).exactOptional(),
            task: z.string().nullable().exactOptional(),
            at: z.number().exactOptional().describe('ms since 1970 UTC'),
            fields: z.record(z.string(), z.unknown()).nullable().exactOptional(),
          }),
        ]),
      )
      .exactOptional(),
  })
  .refine(({ log, lines }) => (log === undefined) !== (lines === undefined), {
    message: 'Give either "log" or "lines"',
  })
  .meta({ id: 'AddLogsRequest' })

/** What was added to a log. */
export interface AddLogsAnswer {
  readonly accepted: number
  /** `seq` of the first line; null when none was added. */
  readonly firstSeq: number | null
}

/** Schema of what was added to a log. */
export const addLogsAnswerSchema: ZodType<AddLogsAnswer> = z
  .object({ accepted: z.int().min(0), firstSeq: z.int().min(1).nullable() })
  .meta({ id: 'AddLogsAnswer' })
