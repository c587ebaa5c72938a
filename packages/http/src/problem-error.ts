import { ERROR_CODES, PerfectError, type ErrorCode } from '@perfect/core/errors'

/** What the API refuses, as the error of the engine. */
export const problemError = {
  /** Makes the error of an answer that is no success. */
  async of(response: Response): Promise<PerfectError> {
    const body: unknown = await response.json().catch(() => null)
    const problem = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {}
    const { code, detail, details, errors } = problem
    const known = typeof code === 'string' && Object.hasOwn(ERROR_CODES, code) ? (code as ErrorCode) : 'INTERNAL'
    const message = typeof detail === 'string' ? detail : `The server answered with status ${String(response.status)}.`
    return new PerfectError(known, message, {
      details: {
        ...(typeof details === 'object' && details),
        ...(errors !== undefined && { errors }),
        status: response.status,
      },
    })
  },

  /** Whether asking the same again is of no use. */
  isRefusal(error: unknown): boolean {
    if (!PerfectError.is(error)) return false
    const { status } = error.details
    return typeof status === 'number' && status >= 400 && status < 500 && status !== 408 && status !== 429
  },
} as const
