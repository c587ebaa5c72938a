/* The routes of runs as typed clients see them. */
import type {
  JournalEntryView,
  Page,
  ApprovalAction,
  PendingApproval,
  ReplayReport,
  RunDetailView,
  RunPage,
  RunExplanation,
  RunSignalsView,
  SentSignal,
  TimelineEntryView,
  VerifyReplayOptions,
} from '@perfect/core'
import type { BlankInput } from 'hono/types'

import type { Endpoint } from '../route-types.ts'
import type { Can } from '../schema/action-schemas.ts'
import type { ListAnswer, PageQueryInput } from '../schema/page-schema.ts'
import type { ApprovalBody, MatchedSignalBody, RetryBody, SignalBody } from '../schema/run-action-schemas.ts'
import type { RunsUrlQueryInput } from '../schema/run-query-schemas.ts'
import type {
  CancelBody,
  EmptyBody,
  RunAnswer,
  RunListAnswer,
  TriggerAnswer,
  TriggerBody,
} from '../schema/run-schemas.ts'
import type { TaskListAnswer, TasksUrlQueryInput } from '../schema/task-column-schemas.ts'

/** What stands in the path of the routes of one flow. */
export interface FlowParam {
  param: { flowId: string }
}

/** What stands in the path of the routes of one run. */
export interface RunParam {
  param: { runId: string }
}

/** What stands in the path of an approval. */
export interface ApprovalParam {
  param: { runId: string; name: string }
}

/** How long to wait for the end of a run. */
export interface WaitQueryInput {
  /** Seconds, or text such as `10s`. At most 30 s. */
  readonly wait?: string
}

/** Routes of runs. */
export type RunRoutes = {
  '/engine/trigger/:flowId': {
    $post: Endpoint<FlowParam & { query?: WaitQueryInput; json?: TriggerBody }, TriggerAnswer, 200 | 202>
  }
  '/engine/runs': { $get: Endpoint<{ query?: RunsUrlQueryInput }, RunListAnswer> }
  '/engine/runs/:runId': { $get: Endpoint<RunParam & { query?: WaitQueryInput }, RunDetailView> }
}

/** Routes of what can be done with a run. */
export type RunActionRoutes = {
  '/engine/runs/:runId/cancel': { $post: Endpoint<RunParam & { json?: CancelBody }, RunAnswer, 202> }
  '/engine/runs/:runId/pause': { $post: Endpoint<RunParam & { json?: EmptyBody }, RunAnswer, 202> }
  '/engine/runs/:runId/resume': { $post: Endpoint<RunParam & { json?: EmptyBody }, RunAnswer, 202> }
  '/engine/runs/:runId/retry': { $post: Endpoint<RunParam & { json?: RetryBody }, RunAnswer, 202> }
  '/engine/runs/:runId/verify-replay': { $post: Endpoint<RunParam & { json?: VerifyReplayOptions }, ReplayReport> }
}

/** Routes of what a run has done. */
export type HistoryRoutes = {
  '/engine/runs/:runId/tasks': { $get: Endpoint<RunParam & { query?: TasksUrlQueryInput }, TaskListAnswer> }
  '/engine/runs/:runId/journal': { $get: Endpoint<RunParam & { query?: PageQueryInput }, Page<JournalEntryView>> }
  '/engine/runs/:runId/timeline': { $get: Endpoint<RunParam, ListAnswer<TimelineEntryView>> }
  '/engine/runs/:runId/children': { $get: Endpoint<RunParam & { query?: PageQueryInput }, RunPage> }
  '/engine/runs/:runId/explanation': { $get: Endpoint<RunParam, RunExplanation> }
}

/** Routes of signals and approvals. */
export type SignalRoutes = {
  '/engine/runs/:runId/signals': {
    $get: Endpoint<RunParam, RunSignalsView>
    $post: Endpoint<RunParam & { json: SignalBody }, SentSignal, 202>
  }
  '/engine/signals': { $post: Endpoint<{ json: MatchedSignalBody }, SentSignal, 202> }
  '/engine/approvals': { $get: Endpoint<BlankInput, ListAnswer<PendingApproval & Can<ApprovalAction>>> }
  '/engine/runs/:runId/approvals/:name': { $post: Endpoint<ApprovalParam & { json: ApprovalBody }, SentSignal, 202> }
}
