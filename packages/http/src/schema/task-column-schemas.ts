import { TASK_KINDS, TASK_STATUSES, type Page, type TaskView } from '@perfect/core'
import { z, type ZodType } from 'zod'

import type { SparseColumn, TaskColumns, WordColumn } from '../task-columns.ts'
import { instantSchema, pageQueryFields, type PageQuery, type PageQueryInput } from './page-schema.ts'
import { errorSchema, lineSchema, taskPageSchema } from './run-schemas.ts'

/** Which tasks of a run, and how. */
export interface TasksUrlQuery extends PageQuery {
  readonly format?: 'rows' | 'columns' | undefined
}

/** How tasks are asked for in a URL. */
export interface TasksUrlQueryInput extends PageQueryInput {
  /** `columns`: all of them in one answer, a column for each field. Default: `rows`. */
  readonly format?: 'rows' | 'columns'
}

/** Schema of which tasks of a run to list. */
export const tasksQuerySchema: ZodType<TasksUrlQuery, TasksUrlQueryInput> = z
  .object({
    format: z.enum(['rows', 'columns']).optional().describe('"columns": all of them at once, a column for each field'),
    ...pageQueryFields(200),
  })
  .refine(({ format, cursor }) => format !== 'columns' || cursor === undefined, {
    path: ['cursor'],
    message: 'Columns have all tasks in one answer: leave the cursor out',
  }) as ZodType<TasksUrlQuery, TasksUrlQueryInput>

const places = z.array(z.int().min(0))

function wordsOf<T extends string>(word: ZodType<T>): ZodType<WordColumn<T>> {
  return z.object({ words: z.array(word), at: places.describe('For each task the place of its word') })
}

function sparseOf<T>(value: ZodType<T>): ZodType<SparseColumn<T>> {
  return z.record(z.string(), value).describe('Values by the place of their task; the others have none')
}

const taskColumnsSchema: ZodType<TaskColumns> = z
  .object({
    count: z.int().min(0),
    baseAt: instantSchema.nullable().describe('What times count from'),
    key: z.array(z.string()),
    name: wordsOf(z.string()),
    kind: wordsOf(z.enum(TASK_KINDS)),
    origin: wordsOf(z.enum(['run', 'cache', 'copied'])),
    status: wordsOf(z.enum(TASK_STATUSES)),
    attempt: z.array(z.int().min(1)),
    weight: z.array(z.number()),
    fraction: z.array(z.number().min(0).max(1)),
    startedAt: z.array(z.number()).describe('Since "baseAt", in ms'),
    tookMs: z.array(z.number().nullable()).describe('Since the start of the task, in ms; null: it has not ended'),
    wakeAt: sparseOf(z.number()),
    estimatedMs: sparseOf(z.number()),
    remainingMs: sparseOf(z.number().min(0)),
    childRunId: sparseOf(z.string()),
    note: sparseOf(z.string()),
    line: sparseOf(lineSchema),
    error: sparseOf(errorSchema),
  })
  .meta({ id: 'TaskColumns' })

/** A page of tasks, or all of them as columns. */
export type TaskListAnswer = Page<TaskView> | TaskColumns

/** Schema of a page of tasks, or of all of them as columns. */
export const taskListSchema: ZodType<TaskListAnswer> = z
  .union([taskPageSchema, taskColumnsSchema])
  .meta({ id: 'TaskList' })
