import {
  TASK_KINDS,
  TASK_STATUSES,
  type JournalEntryView,
  type Page,
  type RunSignalsView,
  type SerializedError,
  type TimelineEntryView,
} from '@perfect/core'
import { z, type ZodType } from 'zod'

import { instantSchema, listSchema, pageSchema, type ListAnswer } from './page-schema.ts'

const storedErrorSchema: ZodType<SerializedError> = z
  .object({
    name: z.string(),
    message: z.string(),
    code: z.string().nullable(),
    details: z.record(z.string(), z.unknown()).exactOptional(),
    stack: z.string().exactOptional(),
    get cause(): ZodType<SerializedError | undefined> {
      return storedErrorSchema.optional()
    },
  })
  .meta({ id: 'StoredError' }) as ZodType<SerializedError>

const entrySchema: ZodType<JournalEntryView> = z
  .object({
    seq: z.int().min(1),
    key: z.string(),
    name: z.string(),
    kind: z.enum(TASK_KINDS),
    status: z.enum(TASK_STATUSES),
    origin: z.enum(['run', 'cache', 'copied']),
    attempt: z.int().min(1),
    epoch: z.int().min(0),
    position: z.int().min(1).nullable(),
    args: z.string().nullable(),
    childRunId: z.string().nullable(),
    startedAt: instantSchema,
    finishedAt: instantSchema.nullable(),
    wakeAt: instantSchema.nullable(),
    value: z.unknown().describe('Structured values carry a "$type"'),
    error: storedErrorSchema.nullable(),
  })
  .meta({ id: 'JournalEntry' })

/** Schema of a page of a journal. */
export const journalPageSchema: ZodType<Page<JournalEntryView>> = pageSchema(entrySchema, 'JournalPage')

const timelineEntrySchema: ZodType<TimelineEntryView> = z
  .object({
    kind: z.enum(['queue', 'run', ...TASK_KINDS]),
    key: z.string().nullable(),
    name: z.string(),
    status: z.string(),
    scopes: z.array(z.string()),
    from: instantSchema,
    to: instantSchema.nullable(),
    durationMs: z.number().min(0).nullable(),
  })
  .meta({ id: 'TimelineEntry' })

/** Schema of when a run did what. */
export const timelineSchema: ZodType<ListAnswer<TimelineEntryView>> = listSchema(timelineEntrySchema, 'Timeline')

/** Schema of the signals of a run. */
export const runSignalsSchema: ZodType<RunSignalsView> = z
  .object({
    pending: z.array(
      z.object({
        kind: z.enum(['signal', 'approval']),
        name: z.string(),
        key: z.string(),
        since: instantSchema,
        until: instantSchema.nullable(),
      }),
    ),
    sent: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        sentAt: instantSchema,
        by: z.string().nullable(),
        payload: z.unknown(),
        takenBy: z.string().nullable().describe('Key of the call that took it'),
      }),
    ),
  })
  .meta({ id: 'RunSignals' })
