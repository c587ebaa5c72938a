/*
 * Every route of the API on one screen: its path under the mount point, and what a caller needs. `access` checks each request by it, so
 * that no route can be without. What is told of the routes besides is in `openapi/route-docs.ts`.
 */
import type { Scope } from './auth/authenticator.ts'

/** What is checked before a route runs. */
export interface RouteFacts {
  readonly method: 'get' | 'post' | 'delete'
  readonly path: string
  /** The caller needs one of these; `public` routes tell nothing that is worth protecting. */
  readonly needs: 'public' | readonly Scope[]
}

/** All routes by name. */
export const ROUTES = {
  listFlows: { method: 'get', path: '/engine/flows', needs: ['read'] },
  getFlow: { method: 'get', path: '/engine/flows/:flowId', needs: ['read'] },
  registerFlow: { method: 'post', path: '/engine/register', needs: ['worker', 'admin'] },
  triggerFlow: { method: 'post', path: '/engine/trigger/:flowId', needs: ['run'] },
  listRuns: { method: 'get', path: '/engine/runs', needs: ['read'] },
  getRun: { method: 'get', path: '/engine/runs/:runId', needs: ['read'] },
  cancelRun: { method: 'post', path: '/engine/runs/:runId/cancel', needs: ['run'] },
  listLogs: { method: 'get', path: '/engine/runs/:runId/logs', needs: ['read'] },
  addLogs: { method: 'post', path: '/engine/runs/:runId/logs', needs: ['run', 'worker'] },
  streamEvents: { method: 'get', path: '/engine/events', needs: ['read'] },
  listWorkers: { method: 'get', path: '/engine/workers', needs: ['read'] },
  connectWorker: { method: 'get', path: '/engine/workers/connect', needs: ['worker'] },
  openWorkerSession: { method: 'post', path: '/engine/workers/sessions', needs: ['worker'] },
  sendWorkerMessages: { method: 'post', path: '/engine/workers/sessions/:sessionId/messages', needs: ['worker'] },
  pollWorkerMessages: { method: 'get', path: '/engine/workers/sessions/:sessionId/messages', needs: ['worker'] },
  closeWorkerSession: { method: 'delete', path: '/engine/workers/sessions/:sessionId', needs: ['worker'] },
  startClient: { method: 'post', path: '/client/start', needs: ['admin'] },
  stopClient: { method: 'post', path: '/client/stop', needs: ['admin'] },
  listClients: { method: 'get', path: '/client/status', needs: ['read'] },
  getInfo: { method: 'get', path: '/engine/info', needs: ['read'] },
  getHealth: { method: 'get', path: '/health', needs: 'public' },
  getReady: { method: 'get', path: '/ready', needs: 'public' },
  getOpenApi: { method: 'get', path: '/openapi.json', needs: ['read'] },
} as const

/** Name of a route. */
export type RouteName = keyof typeof ROUTES
