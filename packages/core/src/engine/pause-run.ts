import { alreadyEnded, checkOpen } from './action-rules.ts'
import type { EngineParts } from './engine-parts.ts'
import type { RunView } from './views.ts'

/** Asks a run to pause: what runs is waited for, nothing new starts. */
export async function pauseRun(parts: EngineParts, runId: string): Promise<RunView> {
  const { commit, clock, active, queries, workers } = parts
  const [receipt] = await commit.append([{ type: 'run.pause', runId, at: clock.now() }], 'impatient')
  if (!receipt?.accepted || !receipt.run) throw alreadyEnded('pause', await queries.record(runId))
  active.journal(runId)?.requested({ pausedAt: receipt.run.pausedAt })
  active.execution(runId)?.pause()
  workers.tellPause(runId)
  const { run } = receipt
  if (run.engineId === null) active.tellChanged(run)
  return active.view(run)
}

/** Lets a run go on that was paused, or held because its flow had changed. */
export async function resumeRun(parts: EngineParts, runId: string): Promise<RunView> {
  const { commit, active, queries, dispatcher, workers } = parts
  checkOpen('resume', await queries.record(runId))
  const [receipt] = await commit.append([{ type: 'run.resume', runId }], 'impatient')
  if (!receipt?.accepted || !receipt.run) throw alreadyEnded('resume', await queries.record(runId))
  const { run } = receipt
  active.journal(runId)?.requested({ pausedAt: null })
  workers.tellPause(runId)
  if (run.engineId === null) active.tellChanged(run)
  dispatcher.wake()
  if (run.wakeAt !== null) dispatcher.wakeAt(run.wakeAt)
  workers.wake()
  return active.view(run)
}
