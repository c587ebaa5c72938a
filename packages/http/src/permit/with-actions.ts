/* Objects with what the sender of a request can do with them. */
import type {
  ActionsView,
  AlertView,
  ApprovalAction,
  ClientAction,
  ClientView,
  FlowEngine,
  FlowView,
  PendingApproval,
  RunAction,
  RunDetailView,
  SavedView,
  ScheduleAction,
  ScheduleView,
  ViewAction,
  WorkerView,
} from '@perfect/core'
import type { Context } from 'hono'

import type { ApiEnv } from '../api-context.ts'
import type { RouteName } from '../route-table.ts'
import type { AlertAction, Can, FlowAction, WorkerAction } from '../schema/action-schemas.ts'
import { permittedActions } from './permitted-actions.ts'

type Routes<A extends string> = Readonly<Record<A, RouteName>>

const RUN: Routes<RunAction> = {
  cancel: 'cancelRun',
  pause: 'pauseRun',
  resume: 'resumeRun',
  retry: 'retryRun',
  retryFromStart: 'retryRun',
  signal: 'signalRun',
  verify: 'verifyReplay',
  remove: 'removeRun',
}
const FLOW: Routes<FlowAction> = { trigger: 'triggerFlow', schedule: 'createSchedule', remove: 'removeFlow' }
const SCHEDULE: Routes<ScheduleAction> = {
  replace: 'replaceSchedule',
  remove: 'removeSchedule',
  pause: 'pauseSchedule',
  resume: 'resumeSchedule',
  skip: 'skipSchedule',
  run: 'runSchedule',
}
const CLIENT: Routes<ClientAction> = { start: 'startClient', stop: 'stopClient', restart: 'restartClient' }
const WORKER: Routes<WorkerAction> = { drain: 'drainWorker' }
const ALERT: Routes<AlertAction> = { retry: 'retryAlert' }
const APPROVAL: Routes<ApprovalAction> = { answer: 'answerApproval' }
const VIEW: Routes<ViewAction> = { replace: 'replaceView', remove: 'removeView' }

/** Adds it to a run. */
export async function runFor(c: Context<ApiEnv>, detail: RunDetailView): Promise<RunDetailView> {
  const { flowId, id: runId } = detail.run
  return { ...detail, can: await permittedActions(c, RUN, { target: { flowId, runId }, can: detail.can }) }
}

/** Adds it to a flow. */
export async function flowFor(c: Context<ApiEnv>, flow: FlowView): Promise<FlowView & Can<FlowAction>> {
  return { ...flow, can: await permittedActions(c, FLOW, { target: { flowId: flow.id } }) }
}

/** Adds it to a schedule. */
export async function scheduleFor(
  c: Context<ApiEnv>,
  { schedules }: FlowEngine,
  schedule: ScheduleView,
): Promise<ScheduleView & Can<ScheduleAction>> {
  const { flowId } = schedule
  const can = await schedules.actions(schedule)
  return { ...schedule, can: await permittedActions(c, SCHEDULE, { target: { flowId }, can }) }
}

/** Adds it to a client process. */
export async function clientFor(
  c: Context<ApiEnv>,
  { processes }: FlowEngine,
  client: ClientView,
): Promise<ClientView & Can<ClientAction>> {
  return { ...client, can: await permittedActions(c, CLIENT, { can: await processes.actions(client.id) }) }
}

/** Adds it to a worker. */
export async function workerFor(c: Context<ApiEnv>, worker: WorkerView): Promise<WorkerView & Can<WorkerAction>> {
  return { ...worker, can: await permittedActions(c, WORKER) }
}

/** Adds it to an alert. */
export async function alertFor(c: Context<ApiEnv>, alert: AlertView): Promise<AlertView & Can<AlertAction>> {
  const { flowId, runId } = alert
  const target = { flowId, ...(runId !== null && { runId }) }
  return { ...alert, can: await permittedActions(c, ALERT, { target }) }
}

/** Adds it to an approval. */
export async function approvalFor(
  c: Context<ApiEnv>,
  engine: FlowEngine,
  approval: PendingApproval,
): Promise<PendingApproval & Can<ApprovalAction>> {
  const { flowId, runId } = approval
  const can = await engine.approvalActions(approval, c.get('perfect').principal?.name)
  return { ...approval, can: await permittedActions(c, APPROVAL, { target: { flowId, runId }, can }) }
}

/** Adds it to a saved view. */
export async function viewFor(
  c: Context<ApiEnv>,
  view: SavedView,
  can: ActionsView<ViewAction>,
): Promise<SavedView & Can<ViewAction>> {
  return { ...view, can: await permittedActions(c, VIEW, { can }) }
}
