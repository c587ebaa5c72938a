import type { Clock } from './clock.ts'

/** Calls back at an instant of the wall clock, which may jump back while the timer runs; gives what stops it. */
export function callAt(clock: Clock, instant: number, callback: () => void): () => void {
  let stop: () => void
  const arm = (): void => {
    const delayMs = Math.max(0, instant - clock.now())
    stop = clock.setTimer(delayMs, () => (clock.now() < instant ? arm() : callback()))
  }
  arm()
  return () => stop()
}
