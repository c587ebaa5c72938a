import { PerfectError } from '../errors/perfect-error.ts'
import type { RunRecord } from '../storage/records.ts'
import type { EngineParts } from './engine-parts.ts'
import { hasEnded } from './run-outcomes.ts'
import type { RunView } from './views.ts'

/** Asks a run to end, whoever drives it. */
export async function cancelRun(parts: EngineParts, id: string, reason: string | null): Promise<RunView> {
  const { commit, clock, active, queries } = parts
  const at = clock.now()
  const [receipt] = await commit.append([{ type: 'run.cancel', runId: id, at, reason }], 'impatient')
  if (!receipt?.accepted || !receipt.run) {
    const run = await queries.record(id)
    throw new PerfectError('RUN_FINISHED', `Run ${id} has already ended (${run.status}): there is nothing to cancel.`, {
      details: { runId: id, status: run.status },
    })
  }
  announceCancel(parts, receipt.run, at)
  return active.view(receipt.run)
}

/** Tells of a run that has ended, or is to end, by a request that was just stored. */
export function announceCancel(parts: EngineParts, run: RunRecord, at: number): void {
  const { active, workers, outcomes, bus, observed, registry, dispatcher } = parts
  if (hasEnded(run)) {
    bus.publish('run.updated', () => active.view(run))
    observed.runs.ended(registry.find(run.flowId), { run, result: null })
    outcomes.ended({ run, result: null })
    return
  }
  if (run.engineId === null) {
    // Nobody holds it, and it has to be taken up once more to be undone.
    bus.publish('run.updated', () => active.view(run))
    dispatcher.wake()
    return
  }
  active.journal(run.id)?.cancelRequested(run.cancelRequestedAt ?? at, run.cancelReason)
  const execution = active.execution(run.id)
  if (execution) execution.cancel(run.cancelReason)
  else workers.cancel(run.id, run.cancelReason)
}
