/**
 * HTTP server for Node: serves the API of an engine, or a host's app with the WebSocket of remote workers.
 *
 * @packageDocumentation
 */
export { serve, type PerfectServer, type ServeOptions } from './serve.ts'
export { createUpgradeCheck, type CheckUpgrade, type FetchHandler } from './upgrade.ts'
export { attachWorkerSocket, type WorkerSocketOptions, type WorkerSockets } from './workers/websocket.ts'
