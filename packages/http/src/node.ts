/**
 * HTTP server for Node: serves the API of an engine, or a host's app with the WebSockets of remote workers and live events.
 *
 * @packageDocumentation
 */
export { serve, type PerfectServer, type ServeOptions } from './serve.ts'
export { createUpgradeCheck, type CheckUpgrade, type ConnectSocket, type FetchHandler } from './upgrade.ts'
export { attachWebSockets, type WebSocketOptions, type WebSockets } from './web-sockets.ts'
