import { PerfectError } from '../errors/perfect-error.ts'
import type { EngineParts } from './engine-parts.ts'
import { hasEnded } from './run-outcomes.ts'
import type { RunView } from './views.ts'

/** Asks a run to end, whoever drives it. */
export async function cancelRun(parts: EngineParts, id: string, reason: string | null): Promise<RunView> {
  const { commit, clock, active, workers, outcomes, bus, queries, observed, registry } = parts
  const at = clock.now()
  const [receipt] = await commit.append([{ type: 'run.cancel', runId: id, at, reason }], 'impatient')
  if (!receipt?.accepted || !receipt.run) {
    const run = await queries.record(id)
    throw new PerfectError('RUN_FINISHED', `Run ${id} has already ended (${run.status}): there is nothing to cancel.`, {
      details: { runId: id, status: run.status },
    })
  }
  const { run } = receipt
  if (hasEnded(run)) {
    bus.publish('run.updated', () => active.view(run))
    observed.runs.ended(registry.find(run.flowId), { run, result: null })
    outcomes.ended({ run, result: null })
    return active.view(run)
  }
  active.journal(id)?.cancelRequested(run.cancelRequestedAt ?? at, run.cancelReason)
  const execution = active.execution(id)
  if (execution) execution.cancel(run.cancelReason)
  else workers.cancel(id, run.cancelReason)
  return active.view(run)
}
