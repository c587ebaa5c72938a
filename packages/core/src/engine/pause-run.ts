import { PerfectError } from '../errors/perfect-error.ts'
import type { RunRecord } from '../storage/records.ts'
import type { EngineParts } from './engine-parts.ts'
import type { RunView } from './views.ts'

/** Asks a run to pause: what runs is waited for, nothing new starts. */
export async function pauseRun(parts: EngineParts, runId: string): Promise<RunView> {
  const { commit, clock, active, bus, workers } = parts
  const [receipt] = await commit.append([{ type: 'run.pause', runId, at: clock.now() }], 'impatient')
  if (!receipt?.accepted || !receipt.run) throw await finished(parts, runId, 'pause')
  active.journal(runId)?.requested({ pausedAt: receipt.run.pausedAt })
  active.execution(runId)?.pause()
  workers.tellPause(runId)
  const { run } = receipt
  if (run.engineId === null) bus.publish('run.updated', () => active.view(run))
  return active.view(run)
}

/** Lets a run go on that was paused, or held because its flow had changed. */
export async function resumeRun(parts: EngineParts, runId: string): Promise<RunView> {
  const { commit, active, bus, queries, dispatcher, workers } = parts
  const before = await queries.record(runId)
  if (before.pausedAt === null && before.reason !== 'version' && before.finishedAt === null)
    throw new PerfectError(
      'RUN_NOT_PAUSED',
      `Run ${runId} is not paused (${before.status}). There is nothing to resume.`,
      {
        details: { runId, status: before.status },
      },
    )
  const [receipt] = await commit.append([{ type: 'run.resume', runId }], 'impatient')
  if (!receipt?.accepted || !receipt.run) throw await finished(parts, runId, 'resume')
  const { run } = receipt
  active.journal(runId)?.requested({ pausedAt: null })
  workers.tellPause(runId)
  if (run.engineId === null) bus.publish('run.updated', () => active.view(run))
  dispatcher.wake()
  if (run.wakeAt !== null) dispatcher.wakeAt(run.wakeAt)
  workers.wake()
  return active.view(run)
}

async function finished({ queries }: EngineParts, runId: string, action: string): Promise<PerfectError> {
  const { status }: RunRecord = await queries.record(runId)
  return new PerfectError(
    'RUN_FINISHED',
    `Run ${runId} has already ended (${status}): there is nothing to ${action}.`,
    {
      details: { runId, status },
    },
  )
}
