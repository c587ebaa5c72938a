import { PerfectError } from '@perfect/core'

/** How much one caller may ask. */
export interface RateLimitOptions {
  /** Requests of one caller, in the long run: of a name, or of an address while nobody is asked who they are. Range: >= 1. */
  readonly perMinute: number
  /** Requests that may come at once after a pause. Range: >= 1. Default: a sixth of `perMinute`, at least 1. */
  readonly burst?: number
}

interface Bucket {
  left: number
  at: number
}

const MINUTE_MS = 60_000
const BURST_SHARE = 6
// Who calls under more names than this makes room for new ones: memory stays bounded.
const MAX_CALLERS = 10_000

/** Counts requests of callers. Each has a bucket that fills up again with time. */
export class RateLimit {
  readonly #burst: number
  readonly #perMs: number
  readonly #now: () => number
  readonly #buckets = new Map<string, Bucket>()

  /** @throws {PerfectError} REQUEST_INVALID */
  constructor(
    { perMinute, burst = Math.max(1, Math.floor(perMinute / BURST_SHARE)) }: RateLimitOptions,
    now: () => number,
  ) {
    for (const [field, value] of Object.entries({ perMinute, burst }))
      if (!Number.isFinite(value) || value < 1)
        throw new PerfectError('REQUEST_INVALID', `"rateLimit.${field}" is ${String(value)}. Give a number >= 1.`, {
          details: { field: `rateLimit.${field}`, value: String(value) },
        })
    this.#burst = burst
    this.#perMs = perMinute / MINUTE_MS
    this.#now = now
  }

  /** @throws {PerfectError} RATE_LIMITED with `retryAfterSeconds` in its details. */
  take(caller: string): void {
    const now = this.#now()
    const bucket = this.#buckets.get(caller) ?? { left: this.#burst, at: now }
    this.#buckets.delete(caller)
    this.#buckets.set(caller, bucket)
    if (this.#buckets.size > MAX_CALLERS) this.#forgetOldest()
    bucket.left = Math.min(this.#burst, bucket.left + Math.max(0, now - bucket.at) * this.#perMs)
    bucket.at = now
    if (bucket.left >= 1) {
      bucket.left--
      return
    }
    const retryAfterSeconds = Math.max(1, Math.ceil((1 - bucket.left) / this.#perMs / 1000))
    throw new PerfectError(
      'RATE_LIMITED',
      `Too many requests. Try again in ${String(retryAfterSeconds)} s, or ask for more in one request.`,
      { details: { retryAfterSeconds } },
    )
  }

  #forgetOldest(): void {
    const [oldest] = this.#buckets.keys()
    if (oldest !== undefined) this.#buckets.delete(oldest)
  }
}
