import type { EngineParts } from './engine-parts.ts'

/** How an engine stops. */
export interface StopOptions {
  /** How long running tasks may take to end and be recorded. What has not ended then is told to stop, and runs again later. Unit: ms. Range: >= 0. Default: 10,000. */
  readonly drainMs?: number
}

const DEFAULT_DRAIN_MS = 10_000
// A storage that is away may not keep the process from ending; another engine takes the runs when the lease is over.
const SETTLE_MS = 5000

/** Ends everything an engine has started, in an order in which nothing is lost. */
export async function stopEngine(parts: EngineParts, { drainMs = DEFAULT_DRAIN_MS }: StopOptions): Promise<void> {
  const {
    dispatcher,
    scheduler,
    sweeper,
    active,
    workers,
    processes,
    lease,
    commit,
    storage,
    report,
    observed,
    learner,
    alerts,
  } = parts
  observed.stopping(active.driven)
  scheduler.close()
  sweeper.close()
  dispatcher.close()
  active.close()
  await Promise.all([drainExecutions(parts, drainMs), workers.stop({ drainMs })])
  await within(parts, SETTLE_MS, dispatcher.settled())
  await processes.stopAll()
  active.stop()
  try {
    await within(parts, SETTLE_MS, observed.hooks.settled())
    await within(parts, SETTLE_MS, learner.close())
    await within(parts, SETTLE_MS, alerts.delivery.close())
    await within(parts, SETTLE_MS, commit.settled())
    await within(parts, SETTLE_MS, lease.close())
  } catch (error) {
    report(error, 'giving the lease of the engine back')
  }
  commit.close()
  await storage.close()
  observed.stopped()
}

async function drainExecutions(parts: EngineParts, drainMs: number): Promise<void> {
  const executions = parts.active.executions()
  for (const execution of executions) execution.drain()
  await within(parts, drainMs, Promise.all(executions.map((execution) => execution.ended)))
  await within(parts, SETTLE_MS, Promise.all(executions.map((execution) => execution.release())))
}

/** Waits for something, but not for ever. */
async function within({ clock }: EngineParts, limitMs: number, operation: Promise<unknown>): Promise<void> {
  const { promise: isOver, resolve } = Promise.withResolvers<undefined>()
  const stopTimer = clock.setTimer(limitMs, () => resolve(undefined), { ref: true })
  try {
    await Promise.race([isOver, operation])
  } finally {
    stopTimer()
  }
}
