/* The routes of schedules, bulk actions and figures as typed clients see them. */
import type { FireTimeView, RunStatsView, ScheduleAction, ScheduleView, VersionReport } from '@perfect/core'
import type { BlankInput } from 'hono/types'

import type { Endpoint } from '../route-types.ts'
import type { Can } from '../schema/action-schemas.ts'
import type { BulkAnswer, SelectBody, SelectionAnswer } from '../schema/bulk-schemas.ts'
import type { ListAnswer } from '../schema/page-schema.ts'
import type { RetryBody } from '../schema/run-action-schemas.ts'
import type { CancelReasonBody, EmptyBody, RunAnswer } from '../schema/run-schemas.ts'
import type {
  FlowParameterInput,
  NewScheduleBody,
  PauseScheduleBody,
  ScheduleAnswer,
  ScheduleBody,
  SkipScheduleBody,
  TimesQueryInput,
} from '../schema/schedule-schemas.ts'
import type { FlowVersionView, StatsUrlQueryInput } from '../schema/stats-schemas.ts'
import type { FlowParam } from './run-route-types.ts'

/** What stands in the path of the routes of one schedule. */
export interface ScheduleParam {
  param: { scheduleId: string }
}

/** What stands in the path of the routes of one selection. */
export interface SelectionParam {
  param: { selectionId: string }
}

/** What stands in the path of a bulk action. */
export interface BulkParam {
  param: { bulkId: string }
}

/** Routes of schedules. */
export type ScheduleRoutes = {
  '/engine/schedules': {
    $get: Endpoint<{ query?: FlowParameterInput }, ListAnswer<ScheduleView & Can<ScheduleAction>>>
    $post: Endpoint<{ json: NewScheduleBody }, ScheduleAnswer, 201>
  }
  '/engine/schedules/:scheduleId': {
    $get: Endpoint<ScheduleParam, ScheduleAnswer>
    $put: Endpoint<ScheduleParam & { json: ScheduleBody }, ScheduleAnswer>
  }
}

/** Routes of the times of schedules. */
export type ScheduleTimeRoutes = {
  '/engine/schedules/preview': {
    $post: Endpoint<{ json: ScheduleBody } & { query?: TimesQueryInput }, ListAnswer<FireTimeView>>
  }
  '/engine/schedules/:scheduleId/times': {
    $get: Endpoint<ScheduleParam & { query?: TimesQueryInput }, ListAnswer<FireTimeView>>
  }
}

/** Routes of what can be done with a schedule. */
export type ScheduleActionRoutes = {
  '/engine/schedules/:scheduleId/pause': {
    $post: Endpoint<ScheduleParam & { json?: PauseScheduleBody }, ScheduleAnswer>
  }
  '/engine/schedules/:scheduleId/resume': { $post: Endpoint<ScheduleParam & { json?: EmptyBody }, ScheduleAnswer> }
  '/engine/schedules/:scheduleId/skip': { $post: Endpoint<ScheduleParam & { json?: SkipScheduleBody }, ScheduleAnswer> }
  '/engine/schedules/:scheduleId/run': { $post: Endpoint<ScheduleParam & { json?: EmptyBody }, RunAnswer, 202> }
}

/** Routes of selections of runs. */
export type SelectionRoutes = {
  '/engine/selections': { $post: Endpoint<{ json: SelectBody }, SelectionAnswer, 201> }
  '/engine/selections/:selectionId': { $get: Endpoint<SelectionParam, SelectionAnswer> }
  '/engine/bulk/:bulkId': { $get: Endpoint<BulkParam, BulkAnswer> }
}

/** Routes of what is done with many runs. */
export type BulkRoutes = {
  '/engine/selections/:selectionId/cancel': {
    $post: Endpoint<SelectionParam & { json?: CancelReasonBody }, BulkAnswer, 202>
  }
  '/engine/selections/:selectionId/retry': { $post: Endpoint<SelectionParam & { json?: RetryBody }, BulkAnswer, 202> }
  '/engine/selections/:selectionId/remove': { $post: Endpoint<SelectionParam & { json?: EmptyBody }, BulkAnswer, 202> }
}

/** Routes of figures and versions. */
export type StatsRoutes = {
  '/engine/stats': { $get: Endpoint<{ query?: StatsUrlQueryInput }, ListAnswer<RunStatsView>> }
  '/engine/flows/:flowId/stats': {
    $get: Endpoint<FlowParam & { query?: Omit<StatsUrlQueryInput, 'flow'> }, ListAnswer<RunStatsView>>
  }
  '/engine/flows/:flowId/versions': { $get: Endpoint<FlowParam, ListAnswer<FlowVersionView>> }
  '/engine/versions': { $get: Endpoint<BlankInput, VersionReport> }
}
