import { PerfectError } from '../errors/perfect-error.ts'
import { serializeError } from '../errors/serialized-error.ts'
import type { RunJournal } from '../journal/run-journal.ts'
import type { RunEnd } from '../journal/run-writes.ts'

/** What code of a run gets to know when it is to end. */
export function runCancelled(runId: string, reason: string | null): PerfectError<'RUN_CANCELLED'> {
  const why = reason === null ? '' : `: ${reason}`
  return new PerfectError('RUN_CANCELLED', `Run ${runId} was cancelled${why}.`, { details: { runId, reason } })
}

/** How a run ends that was cancelled. */
export function cancelledEnd({ run }: RunJournal): RunEnd {
  return { status: 'cancelled', result: null, error: serializeError(runCancelled(run.id, run.cancelReason)) }
}
