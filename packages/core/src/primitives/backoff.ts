/** How long to wait between attempts. All durations in ms. */
export interface Backoff {
  readonly firstMs: number
  /** Each wait is this times the one before. Range: >= 1. */
  readonly factor: number
  readonly maxMs: number
  /** Whether the wait is drawn from 50..100 % of its length, so that many runs do not try again at the same instant. */
  readonly jitter: boolean
}

/**
 * Wait before the attempt after `attempt`.
 *
 * @param attempt The attempt that failed. Range: >= 1.
 * @param random Draws the jitter. Range: 0..1.
 */
export function backoffMs(backoff: Backoff, attempt: number, random: () => number): number {
  const full = Math.min(backoff.maxMs, backoff.firstMs * backoff.factor ** (attempt - 1))
  return backoff.jitter ? full * (0.5 + random() / 2) : full
}
