import type { RunRecord } from '../storage/records.ts'
import { alreadyEnded, checkOpen } from './action-rules.ts'
import { cancellations, openDescendants } from './descendants.ts'
import type { EngineParts } from './engine-parts.ts'
import { hasEnded } from './run-outcomes.ts'
import type { RunView } from './views.ts'

/** How a run is cancelled. */
export interface CancelOptions {
  /** Shown to those who look at the run. */
  readonly reason?: string | null
  /** Ends it at once: what runs is not waited for and nothing is undone. Default: false. */
  readonly force?: boolean
}

/** Asks a run to end, whoever drives it. */
export async function cancelRun(
  parts: EngineParts,
  id: string,
  { reason = null, force = false }: CancelOptions,
): Promise<RunView> {
  const { commit, clock, active, queries } = parts
  const at = clock.now()
  const before = await queries.record(id)
  checkOpen('cancel', before)
  // In one commit: a crash must not leave children behind that nobody waits for.
  const children = await openDescendants(parts, id)
  const facts = { at, reason: `run ${id}, which started it, was cancelled`, force }
  const changes = [{ type: 'run.cancel', runId: id, at, reason, force } as const, ...cancellations(children, facts)]
  const [receipt, ...others] = await commit.append(changes, 'impatient')
  for (const one of [receipt, ...others]) if (one?.accepted && one.run) announceCancel(parts, one.run, at)
  if (!receipt?.accepted || !receipt.run) throw alreadyEnded('cancel', await queries.record(id))
  return active.view(receipt.run)
}

/** Tells of a run that has ended, or is to end, by a request that was just stored. */
export function announceCancel(parts: EngineParts, run: RunRecord, at: number): void {
  const { active, workers, outcomes, observed, registry, dispatcher } = parts
  if (hasEnded(run)) {
    active.forced(run)
    active.tellChanged(run)
    observed.runs.ended(registry.find(run.flowId), { run, result: null })
    outcomes.ended({ run, result: null })
    active.childEnded(run)
    return
  }
  if (run.engineId === null) {
    // Nobody holds it, and it has to be taken up once more to be undone.
    active.tellChanged(run)
    dispatcher.wake()
    return
  }
  const journal = active.journal(run.id)
  if (journal) journal.requested({ cancelRequestedAt: run.cancelRequestedAt ?? at, cancelReason: run.cancelReason })
  // Claimed, and not opened yet.
  else active.left.add(run)
  const execution = active.execution(run.id)
  if (execution) execution.cancel(run.cancelReason)
  else workers.cancel(run.id, run.cancelReason)
}
