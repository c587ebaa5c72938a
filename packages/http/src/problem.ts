/*
 * Errors as problem details (RFC 9457). An error of Perfect tells what happened and what to do; any other error tells a caller nothing
 * but the identifier under which the host finds it.
 */
import { ERROR_CODES, PerfectError, type ErrorCode, type ErrorDetails } from '@perfect/core'

/** One part of a request that does not fit. */
export interface FieldProblem {
  /** JSON pointer into the body; `/query/<name>` for a parameter of the URL. */
  readonly pointer: string
  readonly message: string
}

/** Body of every answer that is not a success. Media type: `application/problem+json`. */
export interface Problem {
  /** `urn:perfect:problem:` and the code in kebab case. */
  readonly type: string
  /** The problem in a few words, the same for every case of it. */
  readonly title: string
  /** HTTP status. Range: 400..599. */
  readonly status: number
  /** What happened in this case, and what to do. */
  readonly detail: string
  /** Identifier of the request, also in the header `Request-Id`. */
  readonly instance: string
  readonly code: ErrorCode
  readonly errors?: readonly FieldProblem[]
  /** The values behind the detail, for programs. */
  readonly details?: ErrorDetails
}

/** Media type of a {@link Problem}. */
export const PROBLEM_TYPE = 'application/problem+json'

// Their messages may quote a driver or a file of this machine.
const PRIVATE_CODES: ReadonlySet<ErrorCode> = new Set([
  'INTERNAL',
  'STORAGE_CORRUPT',
  'STORAGE_TOO_NEW',
  'STORAGE_UNAVAILABLE',
])

/** An error as it is told to a caller. */
export function toProblem(error: unknown, requestId: string): Problem {
  const code = PerfectError.is(error) ? error.code : 'INTERNAL'
  const { status, title } = ERROR_CODES[code]
  const isPrivate = !PerfectError.is(error) || PRIVATE_CODES.has(code)
  const { errors, ...details } = PerfectError.is(error) ? error.details : {}
  return {
    type: `urn:perfect:problem:${code.toLowerCase().replaceAll('_', '-')}`,
    title,
    status,
    detail: isPrivate ? privateDetail(code, requestId) : error.message,
    instance: `/requests/${requestId}`,
    code,
    ...(isFieldProblems(errors) && { errors }),
    // What a caller got wrong is the caller's; values of our own failures are not.
    ...(status < 500 && Object.keys(details).length > 0 && { details }),
  }
}

function privateDetail(code: ErrorCode, requestId: string): string {
  const advice = ERROR_CODES[code].retryable
    ? 'Try again later.'
    : 'The host of this server finds the cause in its log.'
  return `The request ${requestId} could not be answered. ${advice}`
}

function isFieldProblems(errors: unknown): errors is readonly FieldProblem[] {
  return Array.isArray(errors) && errors.length > 0
}

/** A request that does not fit, with every place where it does not. */
export function invalidRequest(errors: readonly FieldProblem[]): PerfectError<'REQUEST_INVALID'> {
  const [first] = errors
  const where = first === undefined ? '' : ` At "${first.pointer}": ${first.message}.`
  return new PerfectError('REQUEST_INVALID', `The request does not fit this route.${where}`, { details: { errors } })
}
