import { PerfectError } from '../errors/perfect-error.ts'
import type { Backoff } from '../primitives/backoff.ts'
import { toMs, type Duration } from '../primitives/duration.ts'

/** When and how often a failed task is tried again. */
export interface RetryOptions {
  /** Attempts in all, the first one included. Range: 1..1,000. Default: 3. */
  readonly attempts?: number
  /** Wait between attempts: one length, or how it grows. Default: 1 s, doubling up to 1 min, with jitter. */
  readonly backoff?:
    | Duration
    | {
        /** Wait after the first attempt. Default: 1 s. */
        readonly first?: Duration
        /** Each wait is this times the one before. Range: >= 1. Default: 2. */
        readonly factor?: number
        /** Longest wait. Default: 1 min. */
        readonly max?: Duration
        /** Draw each wait from 50..100 % of its length. Default: true. */
        readonly jitter?: boolean
      }
  /** Whether this error is worth another attempt. Default: always. */
  readonly if?: (error: unknown, attempt: number) => boolean
}

/** A checked retry policy. */
export interface RetryPolicy {
  readonly attempts: number
  readonly backoff: Backoff
  /** Whether this error is worth another attempt. */
  readonly isRetryable: (error: unknown, attempt: number) => boolean
}

const MAX_ATTEMPTS = 1000
const always = (): boolean => true

/** A task without a `retry` option has one attempt. */
const NO_RETRY: RetryPolicy = {
  attempts: 1,
  backoff: { firstMs: 0, factor: 1, maxMs: 0, jitter: false },
  isRetryable: always,
}

/** @throws {PerfectError} RETRY_INVALID, DURATION_INVALID */
export function toRetryPolicy(retry: number | RetryOptions | undefined): RetryPolicy {
  if (retry === undefined) return NO_RETRY
  const options: RetryOptions = typeof retry === 'number' ? { attempts: retry } : retry
  const attempts = options.attempts ?? 3
  if (!Number.isInteger(attempts) || attempts < 1 || attempts > MAX_ATTEMPTS)
    throw invalid('attempts', attempts, `a whole number from 1 to ${String(MAX_ATTEMPTS)}`)
  return { attempts, backoff: toBackoff(options.backoff ?? {}), isRetryable: options.if ?? always }
}

function toBackoff(backoff: NonNullable<RetryOptions['backoff']>): Backoff {
  if (typeof backoff !== 'object') {
    const waitMs = toMs(backoff, 'retry.backoff')
    return { firstMs: waitMs, factor: 1, maxMs: waitMs, jitter: false }
  }
  const factor = backoff.factor ?? 2
  if (!Number.isFinite(factor) || factor < 1) throw invalid('backoff.factor', factor, 'a number >= 1')
  return {
    firstMs: toMs(backoff.first ?? '1s', 'retry.backoff.first'),
    factor,
    maxMs: toMs(backoff.max ?? '1m', 'retry.backoff.max'),
    jitter: backoff.jitter ?? true,
  }
}

function invalid(field: string, value: unknown, expected: string): PerfectError {
  return new PerfectError('RETRY_INVALID', `"retry.${field}" is ${String(value)}. Give ${expected}.`, {
    details: { field: `retry.${field}`, value: String(value) },
  })
}
