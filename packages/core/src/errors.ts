/**
 * Errors with their codes, for programs that have no engine: browsers, command lines.
 *
 * @packageDocumentation
 */
export { ERROR_CODES, type ErrorCode } from './errors/codes.ts'
export { PerfectError, type ErrorDetails } from './errors/perfect-error.ts'
