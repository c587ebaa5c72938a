/** One part of a request that was refused. */
export interface FieldError {
  /** JSON pointer into the input, `''` for the whole of it. */
  readonly pointer: string
  /** What is wrong with it, in a sentence. */
  readonly message: string
}

/** Facts of a refused or failed request. */
export interface ApiErrorOptions {
  /** HTTP status. Range: 100..599; 0 when there was no answer at all. */
  readonly status: number
  /** Error code of the engine, or `NETWORK` / `HTTP_<status>` when the answer was not one of the engine's. */
  readonly code: string
  /** What happened, in a sentence. */
  readonly message: string
  /** The parts of the request that were refused. Default: none. */
  readonly fields?: readonly FieldError[]
  /** What was thrown underneath. */
  readonly cause?: unknown
}

/** A request that was refused by the engine, or did not reach it. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  /** HTTP status. Range: 100..599; 0 when there was no answer at all. */
  readonly status: number
  /** Error code of the engine, or `NETWORK` / `HTTP_<status>`. */
  readonly code: string
  /** The parts of the request that were refused. */
  readonly fields: readonly FieldError[]

  constructor(options: ApiErrorOptions) {
    super(options.message, { cause: options.cause })
    this.status = options.status
    this.code = options.code
    this.fields = options.fields ?? []
  }
}

/** Makes an {@link ApiError} of anything thrown, so that the elements show every failure in the same way. */
export function toApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return new ApiError({ status: 0, code: 'NETWORK', message, cause: thrown })
}

/** Reads the problem document of a refused request; any other body becomes a message with the status. */
export async function readProblem(response: Response): Promise<ApiError> {
  const { status } = response
  const problem = record(await response.json().catch(() => null))
  const text = (name: string): string | null => (typeof problem[name] === 'string' ? problem[name] : null)
  return new ApiError({
    status,
    code: text('code') ?? `HTTP_${String(status)}`,
    message: text('detail') ?? text('title') ?? `The server answered ${String(status)}.`,
    fields: Array.isArray(problem['errors']) ? problem['errors'].flatMap(fieldError) : [],
  })
}

function fieldError(value: unknown): FieldError[] {
  const { pointer, message } = record(value)
  return typeof pointer === 'string' && typeof message === 'string' ? [{ pointer, message }] : []
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
