import { PerfectError } from '../../errors/perfect-error.ts'
import { serializeError } from '../../errors/serialized-error.ts'
import type { RunJournal } from '../../journal/run-journal.ts'
import type { RunEnd } from '../../journal/run-writes.ts'

/** How a run ends that was cancelled. */
export function cancelledEnd(journal: RunJournal): RunEnd {
  const { id, cancelReason } = journal.run
  const because = cancelReason === null ? '' : `: ${cancelReason}`
  const error = new PerfectError('RUN_CANCELLED', `Run ${id} was cancelled${because}.`, {
    details: { runId: id, reason: cancelReason },
  })
  return { status: 'cancelled', result: null, error: serializeError(error) }
}
