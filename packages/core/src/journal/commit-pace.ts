import type { Clock } from '../primitives/clock.ts'

// Measured: what a change adds to the time of its commit, and what its answer costs the engine. They need not be exact.
const WRITE_MS = 0.006
const ANSWER_MS = 0.013
// A disk that is faster than this is not worth waiting for.
const FAST_MS = 1
// Of each commit this share goes into the mean: slow enough for one slow write to change nothing.
const WEIGHT = 0.1

/**
 * How long the storage needs for a commit whatever is in it: the disk, above all. As long as it is less than what the engine has to do
 * with the answers, two commits of half the size go on at the same time as the engine; on a slower disk one of all is faster.
 */
export class CommitPace {
  readonly #clock: Clock
  #endedAt = -Infinity
  #fixedMs = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** A commit of so many changes is over that was handed over at an instant of the monotonic clock. */
  ended(startedAt: number, changes: number): void {
    const now = this.#clock.monotonic()
    // One that was handed over while another was in the works had to wait for it.
    const tookMs = now - Math.max(startedAt, this.#endedAt)
    this.#endedAt = now
    this.#fixedMs += (Math.max(0, tookMs - changes * WRITE_MS) - this.#fixedMs) * WEIGHT
  }

  /** Whether one commit of all is faster than two. @param entries Entries that wait, or are in the works. */
  isSlow(entries: number): boolean {
    return this.#fixedMs > Math.max(FAST_MS, entries * ANSWER_MS)
  }
}
