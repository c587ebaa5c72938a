import type { ErrorCode } from '@perfect/core'

import type { RouteName } from '../route-table.ts'

/** What is told of a route. */
export interface RouteDocs {
  readonly tag: string
  readonly summary: string
  /** Status of the answer when nothing goes wrong. */
  readonly status: 101 | 200 | 201 | 202 | 204
  /** Codes it can refuse with, besides those of every route. */
  readonly codes: readonly ErrorCode[]
  /** Media type of the answer. Default: JSON. */
  readonly media?: string
}

/** What is told of each route. */
export const ROUTE_DOCS: Readonly<Record<RouteName, RouteDocs>> = {
  listFlows: { tag: 'flows', summary: 'List the registered flows', status: 200, codes: ['CURSOR_INVALID'] },
  getFlow: { tag: 'flows', summary: 'Get a flow', status: 200, codes: ['FLOW_NOT_FOUND'] },
  registerFlow: {
    tag: 'flows',
    summary: 'Register a flow that remote workers run',
    status: 200,
    codes: [
      'FLOW_DUPLICATE',
      'FLOW_DEFINITION_INVALID',
      'TASK_DEFINITION_INVALID',
      'WEIGHT_INVALID',
      'SCHEDULE_INVALID',
      'DURATION_INVALID',
    ],
  },
  triggerFlow: {
    tag: 'runs',
    summary: 'Start a run of a flow',
    status: 202,
    codes: ['FLOW_NOT_FOUND', 'CONFIGURATION_INVALID', 'INPUT_INVALID', 'VALUE_UNSERIALIZABLE', 'IDEMPOTENCY_MISMATCH'],
  },
  listRuns: { tag: 'runs', summary: 'List runs, newest first', status: 200, codes: ['CURSOR_INVALID'] },
  getRun: { tag: 'runs', summary: 'Get a run with its tasks, input and result', status: 200, codes: ['RUN_NOT_FOUND'] },
  cancelRun: { tag: 'runs', summary: 'Ask a run to end', status: 202, codes: ['RUN_NOT_FOUND', 'RUN_FINISHED'] },
  listLogs: { tag: 'logs', summary: 'List log lines of a run, oldest first', status: 200, codes: ['RUN_NOT_FOUND'] },
  addLogs: {
    tag: 'logs',
    summary: 'Add lines to the log of a run',
    status: 202,
    codes: ['RUN_NOT_FOUND', 'LOG_INVALID'],
  },
  streamEvents: {
    tag: 'live',
    summary: 'Follow what happens as server-sent events',
    status: 200,
    codes: [],
    media: 'text/event-stream',
  },
  listWorkers: { tag: 'workers', summary: 'List the remote workers', status: 200, codes: ['CURSOR_INVALID'] },
  connectWorker: {
    tag: 'workers',
    summary: 'Connect a worker by WebSocket',
    status: 101,
    codes: ['PROTOCOL_UNSUPPORTED'],
  },
  openWorkerSession: {
    tag: 'workers',
    summary: 'Connect a worker by long polling',
    status: 201,
    codes: ['PROTOCOL_UNSUPPORTED'],
  },
  sendWorkerMessages: {
    tag: 'workers',
    summary: 'Send messages of a worker',
    status: 202,
    codes: ['SESSION_NOT_FOUND', 'MESSAGE_INVALID'],
  },
  pollWorkerMessages: {
    tag: 'workers',
    summary: 'Wait for messages to a worker',
    status: 200,
    codes: ['SESSION_NOT_FOUND'],
  },
  closeWorkerSession: { tag: 'workers', summary: 'Disconnect a worker', status: 204, codes: ['SESSION_NOT_FOUND'] },
  startClient: {
    tag: 'clients',
    summary: 'Start a declared client process, or all',
    status: 200,
    codes: ['CLIENT_NOT_FOUND', 'CLIENT_ALREADY_RUNNING', 'CLIENT_START_FAILED'],
  },
  stopClient: { tag: 'clients', summary: 'Stop a client process, or all', status: 200, codes: ['CLIENT_NOT_FOUND'] },
  listClients: {
    tag: 'clients',
    summary: 'List the declared client processes with their last lines',
    status: 200,
    codes: [],
  },
  getInfo: { tag: 'system', summary: 'Get what the engine is', status: 200, codes: [] },
  getHealth: { tag: 'system', summary: 'Whether the process answers', status: 200, codes: [] },
  getReady: { tag: 'system', summary: 'Whether the engine takes runs', status: 200, codes: [] },
  getOpenApi: { tag: 'system', summary: 'Get this description', status: 200, codes: [] },
}
