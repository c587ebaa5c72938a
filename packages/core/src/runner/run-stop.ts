/* Why a run is told to end before its flow has ended by itself. */
import { PerfectError } from '../errors/perfect-error.ts'
import { serializeError } from '../errors/serialized-error.ts'
import type { RunJournal } from '../journal/run-journal.ts'
import type { RunEnd } from '../journal/run-writes.ts'

/** What a run is told to end with. */
export interface RunStop {
  readonly status: 'cancelled' | 'failed'
  /** What code of the run gets to know. */
  readonly error: PerfectError
}

/** Somebody asked for it. */
export function cancelStop(runId: string, reason: string | null): RunStop {
  const why = reason === null ? '' : `: ${reason}`
  const error = new PerfectError('RUN_CANCELLED', `Run ${runId} was cancelled${why}.`, { details: { runId, reason } })
  return { status: 'cancelled', error }
}

/** Its flow says how long a run may take, and it has taken that long. */
export function timeoutStop(runId: string, timeoutMs: number): RunStop {
  const error = new PerfectError(
    'RUN_TIMEOUT',
    `Run ${runId} took longer than the timeout of its flow, ${String(timeoutMs)} ms. Look at where its time went, or give the flow a longer "timeout".`,
    { details: { runId, timeoutMs } },
  )
  return { status: 'failed', error }
}

/** How a run ends that was told to. */
export function endOf({ status, error }: RunStop): RunEnd {
  return { status, result: null, error: serializeError(error) }
}

/** How a run ends that was cancelled. */
export function cancelledEnd({ run }: RunJournal): RunEnd {
  return endOf(cancelStop(run.id, run.cancelReason))
}

/** Whether an error says that its run was told to end. @param runId Of this run; else of any. */
export function isStop(error: unknown, runId?: string): boolean {
  const isOne = PerfectError.is(error, 'RUN_CANCELLED') || PerfectError.is(error, 'RUN_TIMEOUT')
  return isOne && (runId === undefined || error.details['runId'] === runId)
}
