/**
 * Durable workflows inside your own Node process.
 *
 * @packageDocumentation
 */
export { ERROR_CODES, type ErrorCode } from './errors/codes.ts'
export { PerfectError, type ErrorDetails } from './errors/perfect-error.ts'
export { deserializeError, serializeError, type SerializedError } from './errors/serialized-error.ts'
export { systemClock, type Clock } from './primitives/clock.ts'
export type { Duration } from './primitives/duration.ts'
export type * from './engine/views.ts'
export type * from './storage/records.ts'
