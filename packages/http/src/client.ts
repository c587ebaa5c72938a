/**
 * Clients of the API for browsers and other programs without an engine: nothing of the server comes with them.
 *
 * @packageDocumentation
 */
export { createPerfectClient, type PerfectClient, type PerfectClientOptions } from './perfect-client.ts'
export { fromTaskColumns, type SparseColumn, type TaskColumns, type WordColumn } from './task-columns.ts'
export {
  followEvents,
  type FollowOptions,
  type HelloMessage,
  type LiveEvent,
  type ResetMessage,
} from './follow/follow-events.ts'
