import {
  RUN_STATUSES,
  type RunStatus,
  type RunView,
  type ScheduleAction,
  type ScheduleView,
  type WorkerView,
} from '@perfect/core'
import { z, type ZodType } from 'zod'

import type { Can, WorkerAction } from './action-schemas.ts'
import { workerSchema } from './client-schemas.ts'
import { instantSchema } from './page-schema.ts'
import { runSchema } from './run-schemas.ts'
import { scheduleSchema } from './schedule-schemas.ts'

/** What goes on, at one instant. */
export interface Overview {
  readonly serverTime: string
  /** The newest event when this was read: a live stream from here on misses nothing. */
  readonly lastEventId: string
  /** How many runs there are by their status; null for callers who may not read every flow. */
  readonly counts: Readonly<Record<RunStatus, number>> | null
  /** Runs that are driven now, the newest first. */
  readonly running: readonly RunView[]
  /** Whether more runs are driven than are listed. */
  readonly isMoreRunning: boolean
  /** Schedules that come next, the next one first. */
  readonly schedules: readonly (ScheduleView & Can<ScheduleAction>)[]
  /** Remote workers. */
  readonly workers: readonly (WorkerView & Can<WorkerAction>)[]
  /** Runs that failed, the newest first. */
  readonly failures: readonly RunView[]
}

const countsSchema: ZodType<Readonly<Record<RunStatus, number>>> = z.object(
  Object.fromEntries(RUN_STATUSES.map((status) => [status, z.int().min(0)])) as Record<RunStatus, z.ZodInt>,
)

/** Schema of what goes on. */
export const overviewSchema: ZodType<Overview> = z
  .object({
    serverTime: instantSchema,
    lastEventId: z.string().describe('The newest event when this was read: follow the live stream from it'),
    counts: countsSchema.nullable().describe('Runs by status; null for callers who may not read every flow'),
    running: z.array(runSchema).describe('At most 50, the newest first'),
    isMoreRunning: z.boolean(),
    schedules: z.array(scheduleSchema).describe('At most 10, the next one first'),
    workers: z.array(workerSchema).describe('At most 100'),
    failures: z.array(runSchema).describe('At most 10, the newest first'),
  })
  .meta({ id: 'Overview' })
