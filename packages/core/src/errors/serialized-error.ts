import { ERROR_CODES, type ErrorCode } from './codes.ts'
import { PerfectError, type ErrorDetails } from './perfect-error.ts'

/** An error as it is stored and sent: everything a reader needs, nothing that runs. */
export interface SerializedError {
  readonly name: string
  readonly message: string
  /** Code of a {@link PerfectError}, or the `code` string of another error; null when it has none. */
  readonly code: string | null
  readonly details?: ErrorDetails
  /** At most 64 KiB. */
  readonly stack?: string
  readonly cause?: SerializedError
}

const MAX_STACK_CHARS = 65_536
// Deep enough for any real chain; a bound, since a cause may point back to its error.
const MAX_CAUSES = 8

/** Turns anything that was thrown into a stored error, causes included. */
export function serializeError(thrown: unknown, depth = 0): SerializedError {
  if (!(thrown instanceof Error) && !PerfectError.is(thrown))
    return { name: 'Error', message: describe(thrown), code: null }
  const error: Error & { readonly code?: unknown } = thrown
  return {
    name: error.name,
    message: error.message,
    code: typeof error.code === 'string' ? error.code : null,
    ...(PerfectError.is(error) && { details: error.details }),
    ...(error.stack !== undefined && { stack: error.stack.slice(0, MAX_STACK_CHARS) }),
    ...(error.cause !== undefined && depth < MAX_CAUSES && { cause: serializeError(error.cause, depth + 1) }),
  }
}

/** Brings a stored error back: a {@link PerfectError} when its code is one of ours, else an `Error` with the same name, message, code and causes. */
export function deserializeError(stored: SerializedError): Error {
  const cause = stored.cause === undefined ? undefined : deserializeError(stored.cause)
  const error = isErrorCode(stored.code) ? perfectError(stored, stored.code, cause) : plainError(stored, cause)
  if (stored.stack !== undefined) error.stack = stored.stack
  return error
}

function perfectError(stored: SerializedError, code: ErrorCode, cause: Error | undefined): Error {
  return new PerfectError(code, stored.message, {
    ...(stored.details && { details: stored.details }),
    ...(cause && { cause }),
  })
}

function plainError(stored: SerializedError, cause: Error | undefined): Error {
  const error = new Error(stored.message, cause && { cause })
  Object.defineProperty(error, 'name', { value: stored.name, configurable: true, writable: true })
  if (stored.code !== null) Object.defineProperty(error, 'code', { value: stored.code, enumerable: true })
  if (stored.details !== undefined) Object.defineProperty(error, 'details', { value: stored.details, enumerable: true })
  return error
}

function isErrorCode(code: string | null): code is ErrorCode {
  return code !== null && Object.hasOwn(ERROR_CODES, code)
}

// A thrown value may be anything, even an object whose conversion to a string throws.
function describe(thrown: unknown): string {
  try {
    return typeof thrown === 'string' ? thrown : `Thrown value: ${String(thrown)}`
  } catch {
    return 'Thrown value that cannot be shown'
  }
}
