/*
 * What each route has to do with flows. The type asks for every route, so that none can be forgotten; a test calls all of them as
 * somebody who may not.
 */
import type { RouteName } from '../route-table.ts'
import type { PermitAction } from './permit.ts'

/**
 * How a route touches flows. `flow`, `run`, `schedule`, `alert`: the one that its path names. `every`: it tells of all flows at once, or
 * may meet any of them. `asked`: its body says which, and the route asks. `listed`: it leaves out what the caller may not read. `none`:
 * nothing in it is of a flow.
 */
export type FlowUse =
  | { readonly of: 'flow' | 'run' | 'schedule' | 'alert' | 'every' | 'asked'; readonly action: PermitAction }
  | { readonly of: 'listed' | 'none' }

const LISTED: FlowUse = { of: 'listed' }
const NONE: FlowUse = { of: 'none' }
const READ_FLOW: FlowUse = { of: 'flow', action: 'read' }
const READ_RUN: FlowUse = { of: 'run', action: 'read' }
const SCHEDULE: FlowUse = { of: 'schedule', action: 'schedule' }

/** What each route has to do with flows. */
export const ROUTE_FLOWS: Readonly<Record<RouteName, FlowUse>> = {
  listFlows: LISTED,
  getFlow: READ_FLOW,
  registerFlow: { of: 'asked', action: 'register' },
  removeFlow: { of: 'flow', action: 'register' },
  listFlowVersions: READ_FLOW,
  getFlowStats: READ_FLOW,
  simulateFlow: READ_FLOW,
  getForecast: LISTED,
  checkVersions: LISTED,
  listFlowsAlias: LISTED,
  registerFlowAlias: { of: 'asked', action: 'register' },
  triggerFlow: { of: 'flow', action: 'trigger' },
  listRuns: LISTED,
  getRunHistogram: LISTED,
  getRun: READ_RUN,
  cancelRun: { of: 'run', action: 'cancel' },
  pauseRun: { of: 'run', action: 'pause' },
  resumeRun: { of: 'run', action: 'resume' },
  retryRun: { of: 'run', action: 'retry' },
  removeRun: { of: 'run', action: 'remove' },
  listTasks: READ_RUN,
  getJournal: READ_RUN,
  getTimeline: READ_RUN,
  listChildren: READ_RUN,
  explainRun: READ_RUN,
  verifyReplay: { of: 'run', action: 'verify' },
  listSignals: READ_RUN,
  signalRun: { of: 'run', action: 'signal' },
  answerApproval: { of: 'run', action: 'signal' },
  listApprovals: LISTED,
  // Whoever waits for it gets it.
  sendSignal: { of: 'every', action: 'signal' },
  selectRuns: LISTED,
  // Only who made them sees them; each run is asked for when something is done with it.
  getSelection: NONE,
  cancelSelection: { of: 'asked', action: 'cancel' },
  retrySelection: { of: 'asked', action: 'retry' },
  removeSelection: { of: 'asked', action: 'remove' },
  getBulk: NONE,
  listSchedules: LISTED,
  createSchedule: { of: 'asked', action: 'schedule' },
  previewSchedule: NONE,
  getSchedule: { of: 'schedule', action: 'read' },
  replaceSchedule: SCHEDULE,
  removeSchedule: SCHEDULE,
  listScheduleTimes: { of: 'schedule', action: 'read' },
  pauseSchedule: SCHEDULE,
  resumeSchedule: SCHEDULE,
  runSchedule: { of: 'schedule', action: 'trigger' },
  skipSchedule: SCHEDULE,
  getOverview: LISTED,
  getStats: LISTED,
  getStatsSeries: LISTED,
  listFailures: LISTED,
  listAlerts: LISTED,
  getAlert: { of: 'alert', action: 'read' },
  retryAlert: { of: 'alert', action: 'alert' },
  listAudit: LISTED,
  getSeen: LISTED,
  markSeen: LISTED,
  listViews: LISTED,
  getView: LISTED,
  // What they answer is what the caller has written.
  createView: NONE,
  replaceView: NONE,
  removeView: NONE,
  // Sums over all flows cannot be told apart.
  getMetrics: { of: 'every', action: 'read' },
  listLogs: READ_RUN,
  addLogs: { of: 'run', action: 'log' },
  downloadLogs: READ_RUN,
  addLogsAlias: { of: 'run', action: 'log' },
  streamEvents: LISTED,
  connectEvents: LISTED,
  listWorkers: LISTED,
  connectWorker: { of: 'asked', action: 'work' },
  openWorkerSession: { of: 'asked', action: 'work' },
  sendWorkerMessages: NONE,
  pollWorkerMessages: NONE,
  closeWorkerSession: NONE,
  getWorker: LISTED,
  drainWorker: LISTED,
  startClient: NONE,
  stopClient: NONE,
  restartClient: NONE,
  listClientLogs: NONE,
  downloadClientLogs: NONE,
  listClients: NONE,
  getInfo: NONE,
  getHealth: NONE,
  getReady: NONE,
  getOpenApi: NONE,
}
