/*
 * Every route of the API on one screen: its path under the mount point, and what a caller needs. `access` checks each request by it, so
 * that no route can be without. What is told of the routes besides is in `openapi/route-docs.ts`.
 */
import type { Scope } from './auth/authenticator.ts'

/** What is checked before a route runs. */
export interface RouteFacts {
  readonly method: 'get' | 'post' | 'put' | 'delete'
  readonly path: string
  /** The caller needs one of these; `public` routes tell nothing that is worth protecting. */
  readonly needs: 'public' | readonly Scope[]
}

/** All routes by name. */
export const ROUTES = {
  listFlows: { method: 'get', path: '/engine/flows', needs: ['read'] },
  getFlow: { method: 'get', path: '/engine/flows/:flowId', needs: ['read'] },
  registerFlow: { method: 'post', path: '/engine/register', needs: ['worker', 'admin'] },
  removeFlow: { method: 'delete', path: '/engine/flows/:flowId', needs: ['admin'] },
  listFlowVersions: { method: 'get', path: '/engine/flows/:flowId/versions', needs: ['read'] },
  getFlowStats: { method: 'get', path: '/engine/flows/:flowId/stats', needs: ['read'] },
  simulateFlow: { method: 'post', path: '/engine/flows/:flowId/simulate', needs: ['read'] },
  getForecast: { method: 'get', path: '/engine/forecast', needs: ['read'] },
  checkVersions: { method: 'get', path: '/engine/versions', needs: ['read'] },
  listFlowsAlias: { method: 'get', path: '/flows', needs: ['read'] },
  registerFlowAlias: { method: 'post', path: '/flows', needs: ['worker', 'admin'] },
  triggerFlow: { method: 'post', path: '/engine/trigger/:flowId', needs: ['run'] },
  listRuns: { method: 'get', path: '/engine/runs', needs: ['read'] },
  getRunHistogram: { method: 'get', path: '/engine/runs/histogram', needs: ['read'] },
  getRun: { method: 'get', path: '/engine/runs/:runId', needs: ['read'] },
  cancelRun: { method: 'post', path: '/engine/runs/:runId/cancel', needs: ['run'] },
  pauseRun: { method: 'post', path: '/engine/runs/:runId/pause', needs: ['run'] },
  resumeRun: { method: 'post', path: '/engine/runs/:runId/resume', needs: ['run'] },
  retryRun: { method: 'post', path: '/engine/runs/:runId/retry', needs: ['run'] },
  removeRun: { method: 'delete', path: '/engine/runs/:runId', needs: ['admin'] },
  listTasks: { method: 'get', path: '/engine/runs/:runId/tasks', needs: ['read'] },
  getJournal: { method: 'get', path: '/engine/runs/:runId/journal', needs: ['read'] },
  getTimeline: { method: 'get', path: '/engine/runs/:runId/timeline', needs: ['read'] },
  listChildren: { method: 'get', path: '/engine/runs/:runId/children', needs: ['read'] },
  explainRun: { method: 'get', path: '/engine/runs/:runId/explanation', needs: ['read'] },
  verifyReplay: { method: 'post', path: '/engine/runs/:runId/verify-replay', needs: ['run'] },
  listSignals: { method: 'get', path: '/engine/runs/:runId/signals', needs: ['read'] },
  signalRun: { method: 'post', path: '/engine/runs/:runId/signals', needs: ['run'] },
  answerApproval: { method: 'post', path: '/engine/runs/:runId/approvals/:name', needs: ['run'] },
  listApprovals: { method: 'get', path: '/engine/approvals', needs: ['read'] },
  sendSignal: { method: 'post', path: '/engine/signals', needs: ['run'] },
  selectRuns: { method: 'post', path: '/engine/selections', needs: ['run', 'admin'] },
  getSelection: { method: 'get', path: '/engine/selections/:selectionId', needs: ['run', 'admin'] },
  cancelSelection: { method: 'post', path: '/engine/selections/:selectionId/cancel', needs: ['run'] },
  retrySelection: { method: 'post', path: '/engine/selections/:selectionId/retry', needs: ['run'] },
  removeSelection: { method: 'post', path: '/engine/selections/:selectionId/remove', needs: ['admin'] },
  getBulk: { method: 'get', path: '/engine/bulk/:bulkId', needs: ['run', 'admin'] },
  listSchedules: { method: 'get', path: '/engine/schedules', needs: ['read'] },
  createSchedule: { method: 'post', path: '/engine/schedules', needs: ['admin'] },
  previewSchedule: { method: 'post', path: '/engine/schedules/preview', needs: ['read'] },
  getSchedule: { method: 'get', path: '/engine/schedules/:scheduleId', needs: ['read'] },
  replaceSchedule: { method: 'put', path: '/engine/schedules/:scheduleId', needs: ['admin'] },
  removeSchedule: { method: 'delete', path: '/engine/schedules/:scheduleId', needs: ['admin'] },
  listScheduleTimes: { method: 'get', path: '/engine/schedules/:scheduleId/times', needs: ['read'] },
  pauseSchedule: { method: 'post', path: '/engine/schedules/:scheduleId/pause', needs: ['admin'] },
  resumeSchedule: { method: 'post', path: '/engine/schedules/:scheduleId/resume', needs: ['admin'] },
  runSchedule: { method: 'post', path: '/engine/schedules/:scheduleId/run', needs: ['run'] },
  skipSchedule: { method: 'post', path: '/engine/schedules/:scheduleId/skip', needs: ['admin'] },
  getStats: { method: 'get', path: '/engine/stats', needs: ['read'] },
  getStatsSeries: { method: 'get', path: '/engine/stats/series', needs: ['read'] },
  listFailures: { method: 'get', path: '/engine/failures', needs: ['read'] },
  listAlerts: { method: 'get', path: '/engine/alerts', needs: ['read'] },
  getAlert: { method: 'get', path: '/engine/alerts/:alertId', needs: ['read'] },
  retryAlert: { method: 'post', path: '/engine/alerts/:alertId/retry', needs: ['admin'] },
  getOverview: { method: 'get', path: '/engine/overview', needs: ['read'] },
  listAudit: { method: 'get', path: '/engine/audit', needs: ['admin'] },
  listViews: { method: 'get', path: '/engine/views', needs: ['read'] },
  // What one saves for oneself changes nothing for others. For what others see, the routes ask for `run`.
  createView: { method: 'post', path: '/engine/views', needs: ['read'] },
  getView: { method: 'get', path: '/engine/views/:viewId', needs: ['read'] },
  replaceView: { method: 'put', path: '/engine/views/:viewId', needs: ['read', 'admin'] },
  removeView: { method: 'delete', path: '/engine/views/:viewId', needs: ['read', 'admin'] },
  getSeen: { method: 'get', path: '/engine/seen', needs: ['read'] },
  markSeen: { method: 'put', path: '/engine/seen/:topic', needs: ['read'] },
  getMetrics: { method: 'get', path: '/engine/metrics', needs: ['read'] },
  listLogs: { method: 'get', path: '/engine/runs/:runId/logs', needs: ['read'] },
  addLogs: { method: 'post', path: '/engine/runs/:runId/logs', needs: ['run', 'worker'] },
  downloadLogs: { method: 'get', path: '/engine/runs/:runId/logs/download', needs: ['read'] },
  addLogsAlias: { method: 'post', path: '/flows/:runId/logs', needs: ['run', 'worker'] },
  streamEvents: { method: 'get', path: '/engine/events', needs: ['read'] },
  connectEvents: { method: 'get', path: '/engine/ws', needs: ['read'] },
  listWorkers: { method: 'get', path: '/engine/workers', needs: ['read'] },
  connectWorker: { method: 'get', path: '/engine/workers/connect', needs: ['worker'] },
  openWorkerSession: { method: 'post', path: '/engine/workers/sessions', needs: ['worker'] },
  sendWorkerMessages: { method: 'post', path: '/engine/workers/sessions/:sessionId/messages', needs: ['worker'] },
  pollWorkerMessages: { method: 'get', path: '/engine/workers/sessions/:sessionId/messages', needs: ['worker'] },
  closeWorkerSession: { method: 'delete', path: '/engine/workers/sessions/:sessionId', needs: ['worker'] },
  getWorker: { method: 'get', path: '/engine/workers/:workerId', needs: ['read'] },
  drainWorker: { method: 'post', path: '/engine/workers/:workerId/drain', needs: ['admin'] },
  startClient: { method: 'post', path: '/client/start', needs: ['admin'] },
  stopClient: { method: 'post', path: '/client/stop', needs: ['admin'] },
  restartClient: { method: 'post', path: '/client/restart', needs: ['admin'] },
  listClientLogs: { method: 'get', path: '/client/:id/logs', needs: ['read'] },
  downloadClientLogs: { method: 'get', path: '/client/:id/logs/download', needs: ['read'] },
  listClients: { method: 'get', path: '/client/status', needs: ['read'] },
  getInfo: { method: 'get', path: '/engine/info', needs: ['read'] },
  getHealth: { method: 'get', path: '/health', needs: 'public' },
  getReady: { method: 'get', path: '/ready', needs: 'public' },
  getOpenApi: { method: 'get', path: '/openapi.json', needs: ['read'] },
} as const

/** Name of a route. */
export type RouteName = keyof typeof ROUTES
