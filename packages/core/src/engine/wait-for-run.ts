import type { EngineParts } from './engine-parts.ts'
import type { RunView } from './views.ts'

/** How long somebody waits for the end of a run. */
export interface WaitForRunOptions {
  /** Unit: ms. Range: 0..2,147,483,647. Default: 30,000. */
  readonly timeoutMs?: number
  /** Ends the waiting. */
  readonly signal?: AbortSignal
}

const DEFAULT_TIMEOUT_MS = 30_000
// Only for runs that end in another process, which cannot tell us.
const POLL_MS = 1000

/** The run once it has ended, or as it is when the time is over. @throws {PerfectError} RUN_NOT_FOUND */
export async function waitForRun(
  { bus, clock, storage }: EngineParts,
  read: () => Promise<RunView>,
  { timeoutMs = DEFAULT_TIMEOUT_MS, signal }: WaitForRunOptions,
): Promise<RunView> {
  const deadline = clock.monotonic() + timeoutMs
  let run = await read()
  const { id } = run
  let wake = Promise.withResolvers<undefined>()
  const listener = (changed: RunView): void => {
    if (changed.id === id && changed.finishedAt !== null) wake.resolve(undefined)
  }
  const stop = (): void => wake.resolve(undefined)
  bus.on('run.updated', listener)
  signal?.addEventListener('abort', stop)
  try {
    // Once more, since it may have ended before anybody listened.
    run = await read()
    while (run.finishedAt === null) {
      const leftMs = deadline - clock.monotonic()
      if (leftMs <= 0 || signal?.aborted === true) break
      const cancel = clock.setTimer(storage.capabilities.multiProcess ? Math.min(leftMs, POLL_MS) : leftMs, stop)
      await wake.promise
      cancel()
      wake = Promise.withResolvers()
      run = await read()
    }
    return run
  } finally {
    bus.off('run.updated', listener)
    signal?.removeEventListener('abort', stop)
  }
}
