/*
 * What the audit log says of each route. The type asks for every route, so that none can be forgotten; null is for those that change
 * nothing that anybody would ask about later.
 */
import type { RouteName } from '../route-table.ts'
import type { Values } from './hidden-values.ts'
import type { Snapshot, SnapshotKind } from './snapshot.ts'

/** What the audit log says of a route. */
export interface AuditFacts {
  readonly action: string
  /** What it is done to. */
  readonly of: SnapshotKind | 'selection' | 'signal'
  /** Whether it is nobody's business but the caller's, and is not written down. Default: it never is. */
  readonly isPrivate?: (request: {
    readonly body: Values
    readonly before: Snapshot | null
    readonly actor: string | null
  }) => boolean
}

// A view that its owner keeps for itself, before and after.
const isPrivate: AuditFacts['isPrivate'] = ({ body, before, actor }) =>
  body['isShared'] !== true &&
  (before === null || (before.values['isShared'] !== true && before.values['owner'] === actor))

const REGISTER: AuditFacts = { action: 'flow.register', of: 'flow' }

/** What the audit log says of each route. */
export const ROUTE_AUDIT: Readonly<Record<RouteName, AuditFacts | null>> = {
  registerFlow: REGISTER,
  registerFlowAlias: REGISTER,
  removeFlow: { action: 'flow.remove', of: 'flow' },
  triggerFlow: { action: 'flow.trigger', of: 'flow' },
  cancelRun: { action: 'run.cancel', of: 'run' },
  pauseRun: { action: 'run.pause', of: 'run' },
  resumeRun: { action: 'run.resume', of: 'run' },
  retryRun: { action: 'run.retry', of: 'run' },
  removeRun: { action: 'run.remove', of: 'run' },
  signalRun: { action: 'run.signal', of: 'run' },
  answerApproval: { action: 'run.approve', of: 'run' },
  sendSignal: { action: 'signal.send', of: 'signal' },
  cancelSelection: { action: 'runs.cancel', of: 'selection' },
  retrySelection: { action: 'runs.retry', of: 'selection' },
  removeSelection: { action: 'runs.remove', of: 'selection' },
  createSchedule: { action: 'schedule.create', of: 'schedule' },
  replaceSchedule: { action: 'schedule.replace', of: 'schedule' },
  removeSchedule: { action: 'schedule.remove', of: 'schedule' },
  pauseSchedule: { action: 'schedule.pause', of: 'schedule' },
  resumeSchedule: { action: 'schedule.resume', of: 'schedule' },
  runSchedule: { action: 'schedule.run', of: 'schedule' },
  skipSchedule: { action: 'schedule.skip', of: 'schedule' },
  createView: { action: 'view.create', of: 'view', isPrivate },
  replaceView: { action: 'view.replace', of: 'view', isPrivate },
  removeView: { action: 'view.remove', of: 'view', isPrivate },
  retryAlert: { action: 'alert.retry', of: 'alert' },
  drainWorker: { action: 'worker.drain', of: 'worker' },
  startClient: { action: 'client.start', of: 'client' },
  stopClient: { action: 'client.stop', of: 'client' },
  restartClient: { action: 'client.restart', of: 'client' },
  // Nothing is changed, or nothing but what its caller alone sees.
  markSeen: null,
  simulateFlow: null,
  previewSchedule: null,
  verifyReplay: null,
  selectRuns: null,
  // The log of a run is a record of its own.
  addLogs: null,
  addLogsAlias: null,
  // What workers do is in the journals of runs.
  connectWorker: null,
  openWorkerSession: null,
  sendWorkerMessages: null,
  pollWorkerMessages: null,
  closeWorkerSession: null,
  listFlows: null,
  getFlow: null,
  listFlowVersions: null,
  getFlowStats: null,
  getForecast: null,
  checkVersions: null,
  listFlowsAlias: null,
  listRuns: null,
  getRunHistogram: null,
  getRun: null,
  listTasks: null,
  getJournal: null,
  getTimeline: null,
  listChildren: null,
  explainRun: null,
  listSignals: null,
  listApprovals: null,
  getSelection: null,
  getBulk: null,
  listSchedules: null,
  getSchedule: null,
  listScheduleTimes: null,
  getOverview: null,
  getStats: null,
  getStatsSeries: null,
  listFailures: null,
  listAlerts: null,
  getAlert: null,
  getSeen: null,
  listViews: null,
  getView: null,
  getMetrics: null,
  listLogs: null,
  downloadLogs: null,
  streamEvents: null,
  connectEvents: null,
  listWorkers: null,
  getWorker: null,
  listClientLogs: null,
  downloadClientLogs: null,
  listClients: null,
  listAudit: null,
  getInfo: null,
  getHealth: null,
  getReady: null,
  getOpenApi: null,
}
