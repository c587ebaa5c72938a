import type { EngineParts } from './engine-parts.ts'

/** How an engine stops. */
export interface StopOptions {
  /** How long running tasks may take to end and be recorded. What has not ended then is told to stop, and runs again later. Unit: ms. Range: >= 0. Default: 10,000. */
  readonly drainMs?: number
}

const DEFAULT_DRAIN_MS = 10_000

/** Ends everything an engine has started, in an order in which nothing is lost. */
export async function stopEngine(parts: EngineParts, { drainMs = DEFAULT_DRAIN_MS }: StopOptions): Promise<void> {
  const { dispatcher, scheduler, active, workers, processes, lease, commit, storage, report } = parts
  scheduler.close()
  dispatcher.close()
  await Promise.all([drainExecutions(parts, drainMs), workers.stop({ drainMs })])
  await processes.stopAll()
  active.stop()
  try {
    await commit.settled()
    await lease.close()
  } catch (error) {
    // The storage is away; another engine takes the runs when the lease is over.
    report(error, 'giving the lease of the engine back')
  }
  commit.close()
  await storage.close()
}

async function drainExecutions({ active, clock }: EngineParts, drainMs: number): Promise<void> {
  const executions = active.executions()
  for (const execution of executions) execution.drain()
  const { promise: isOver, resolve } = Promise.withResolvers<undefined>()
  const stopTimer = clock.setTimer(drainMs, () => resolve(undefined), { ref: true })
  await Promise.race([isOver, Promise.all(executions.map((execution) => execution.ended))])
  stopTimer()
  await Promise.all(executions.map((execution) => execution.release()))
}
