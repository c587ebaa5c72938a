import { PerfectError } from '../errors/perfect-error.ts'
import { serializeError } from '../errors/serialized-error.ts'
import type { RunJournal } from '../journal/run-journal.ts'

// A run that was taken up this often without a new checkpoint takes the process down with it each time.
const MAX_EPOCHS_WITHOUT_PROGRESS = 10

/** Ends a run that was taken up again and again without getting any further; gives whether it did. */
export async function endIfCrashLoop(journal: RunJournal): Promise<boolean> {
  const { id, epochsWithoutProgress: epochs } = journal.run
  if (epochs <= MAX_EPOCHS_WITHOUT_PROGRESS) return false
  const error = new PerfectError(
    'CRASH_LOOP',
    `Run ${id} was taken up ${String(epochs)} times without a new checkpoint. Look at what its first unfinished task does to the process.`,
    { details: { runId: id, epochs } },
  )
  await journal.finish({ status: 'failed', result: null, error: serializeError(error) })
  return true
}
