import type { RouteName } from '../route-table.ts'
import { CONTROL_DOCS } from './control-docs.ts'
import { TAGGED, type RouteDocs } from './route-facts.ts'
import { RUN_DOCS } from './run-docs.ts'

const REGISTER = {
  status: 200,
  codes: [
    'FLOW_DUPLICATE',
    'FLOW_DEFINITION_INVALID',
    'TASK_DEFINITION_INVALID',
    'WEIGHT_INVALID',
    'SCHEDULE_INVALID',
    'DURATION_INVALID',
    'IDEMPOTENCY_MISMATCH',
    'IDEMPOTENCY_BUSY',
  ],
  headers: ['Idempotency-Key'],
} as const satisfies Partial<RouteDocs>

const ADD_LOGS = {
  status: 202,
  codes: ['RUN_NOT_FOUND', 'LOG_INVALID', 'IDEMPOTENCY_MISMATCH', 'IDEMPOTENCY_BUSY'],
  headers: ['Idempotency-Key'],
} as const satisfies Partial<RouteDocs>

/** What is told of each route. */
export const ROUTE_DOCS: Readonly<Record<RouteName, RouteDocs>> = {
  ...RUN_DOCS,
  ...CONTROL_DOCS,
  listFlows: { tag: 'flows', summary: 'List the registered flows', status: 200, codes: ['CURSOR_INVALID'], ...TAGGED },
  listFlowsAlias: {
    tag: 'flows',
    summary: 'List the registered flows, in the spelling of the first SDK',
    status: 200,
    codes: ['CURSOR_INVALID'],
    ...TAGGED,
  },
  removeFlow: { tag: 'flows', summary: 'Forget a flow; its runs stay', status: 204, codes: ['FLOW_NOT_FOUND'] },
  listFlowVersions: {
    tag: 'flows',
    summary: 'List the versions of a flow that were seen, newest first',
    status: 200,
    codes: ['FLOW_NOT_FOUND'],
    ...TAGGED,
  },
  getFlowStats: {
    tag: 'figures',
    summary: 'Get figures about the runs of a flow, by time',
    status: 200,
    codes: ['FLOW_NOT_FOUND', 'FILTER_INVALID'],
    ...TAGGED,
  },
  simulateFlow: {
    tag: 'figures',
    summary: 'Say how a run would look, without running it',
    status: 200,
    codes: ['FLOW_NOT_FOUND', 'CONFIGURATION_INVALID', 'INPUT_INVALID', 'VALUE_UNSERIALIZABLE'],
  },
  getForecast: {
    tag: 'figures',
    summary: 'Say which runs the schedules will start, and where they will wait for each other',
    status: 200,
    codes: [],
  },
  getStats: {
    tag: 'figures',
    summary: 'Get figures about ended runs, by time, flow and configuration',
    status: 200,
    codes: ['FILTER_INVALID'],
    ...TAGGED,
  },
  getMetrics: {
    tag: 'figures',
    summary: 'Get what the engine has counted, for Prometheus',
    status: 200,
    codes: [],
    media: 'text/plain',
  },
  checkVersions: {
    tag: 'flows',
    summary: 'Say what becomes of open runs whose flow has changed',
    status: 200,
    codes: [],
    ...TAGGED,
  },
  getFlow: { tag: 'flows', summary: 'Get a flow', status: 200, codes: ['FLOW_NOT_FOUND'], ...TAGGED },
  registerFlow: { tag: 'flows', summary: 'Register a flow that remote workers run', ...REGISTER },
  registerFlowAlias: { tag: 'flows', summary: 'Register a flow, in the spelling of the first SDK', ...REGISTER },
  listLogs: { tag: 'logs', summary: 'List log lines of a run, oldest first', status: 200, codes: ['RUN_NOT_FOUND'] },
  downloadLogs: {
    tag: 'logs',
    summary: 'Download the log of a run as NDJSON or text',
    status: 200,
    codes: ['RUN_NOT_FOUND'],
    media: 'application/x-ndjson, text/plain',
  },
  addLogs: { tag: 'logs', summary: 'Add lines to the log of a run', ...ADD_LOGS },
  addLogsAlias: {
    tag: 'logs',
    summary: 'Add lines to the log of a run, in the spelling of the first SDK',
    ...ADD_LOGS,
  },
  streamEvents: {
    tag: 'live',
    summary: 'Follow what happens as server-sent events',
    status: 200,
    codes: [],
    media: 'text/event-stream',
  },
  listWorkers: {
    tag: 'workers',
    summary: 'List the remote workers',
    status: 200,
    codes: ['CURSOR_INVALID'],
    ...TAGGED,
  },
  getWorker: { tag: 'workers', summary: 'Get a remote worker', status: 200, codes: ['WORKER_NOT_FOUND'], ...TAGGED },
  drainWorker: {
    tag: 'workers',
    summary: 'Give a worker no more runs, or some again',
    status: 200,
    codes: ['WORKER_NOT_FOUND'],
  },
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
  restartClient: {
    tag: 'clients',
    summary: 'Stop a client process, or all, and start it again',
    status: 200,
    codes: ['CLIENT_NOT_FOUND', 'CLIENT_START_FAILED'],
  },
  listClientLogs: {
    tag: 'clients',
    summary: 'List lines that a client process has written, oldest first',
    status: 200,
    codes: ['CLIENT_NOT_FOUND'],
  },
  downloadClientLogs: {
    tag: 'clients',
    summary: 'Download all that is kept of what a client process has written',
    status: 200,
    codes: ['CLIENT_NOT_FOUND'],
    media: 'application/x-ndjson, text/plain',
  },
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
