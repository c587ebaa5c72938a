import { ERROR_CODES, type ErrorCode } from './codes.ts'

/** JSON-safe facts about an error, for programs. */
export type ErrorDetails = Readonly<Record<string, unknown>>

// A registered symbol, so that an error is recognised across copies of this package and across realms.
const BRAND = Symbol.for('perfect.error')

/**
 * The one error class of Perfect. Match it by its code, not by its class:
 * `PerfectError.is(error, 'FLOW_NOT_FOUND')` holds across copies of the package.
 *
 * @example
 * ```ts
 * try {
 *   await engine.triggerFlow('nightly')
 * } catch (error) {
 *   if (PerfectError.is(error, 'FLOW_NOT_FOUND')) console.log(error.message)
 * }
 * ```
 */
export class PerfectError<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name: string = 'PerfectError'
  /** What went wrong, as a stable code; `docs/errors/` has a page for each. */
  readonly code: C
  /** The values behind the message; JSON-safe. */
  readonly details: ErrorDetails

  constructor(code: C, message: string, options: { readonly details?: ErrorDetails; readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.details = options.details ?? {}
    Object.defineProperty(this, BRAND, { value: true })
  }

  /** Whether the same call can succeed later without being changed. */
  get retryable(): boolean {
    return ERROR_CODES[this.code].retryable
  }

  /** HTTP status that this error is answered with. Range: 400..599. */
  get status(): number {
    return ERROR_CODES[this.code].status
  }

  /** Whether a value is an error of Perfect, and, when a code is given, of that code. */
  static is<K extends ErrorCode = ErrorCode>(value: unknown, code?: K): value is PerfectError<K> {
    if (typeof value !== 'object' || value === null || !(BRAND in value)) return false
    return code === undefined || ('code' in value && value.code === code)
  }
}
