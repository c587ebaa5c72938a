/**
 * Time as a port. Journal, runner and engine never read the time in any other way,
 * so a test can hold it still and a simulation can run days in seconds.
 */
export interface Clock {
  /** Wall time. Unit: ms since 1970-01-01 UTC. May jump. */
  now(): number
  /** Time for measuring durations. Unit: ms from an arbitrary start. Never falls. */
  monotonic(): number
  /** Calls `callback` once after `delayMs`; gives back a function that prevents it. A timer keeps the process alive only when `ref` is true. Default: false. */
  setTimer(delayMs: number, callback: () => void, options?: { readonly ref?: boolean }): () => void
}

// Node turns a longer delay into 1 ms.
const MAX_DELAY_MS = 2_147_483_647

/** The clock of this machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimer(delayMs, callback, options) {
    let timer: NodeJS.Timeout
    const wait = (remainingMs: number): void => {
      const sliceMs = Math.min(remainingMs, MAX_DELAY_MS)
      timer = setTimeout(() => (remainingMs > sliceMs ? wait(remainingMs - sliceMs) : callback()), sliceMs)
      if (options?.ref !== true) timer.unref()
    }
    wait(Math.max(0, delayMs))
    return () => clearTimeout(timer)
  },
}
