import { PerfectError } from '../errors/perfect-error.ts'
import type { RunRecord } from '../storage/records.ts'
import type { HostTransaction } from '../storage/storage.ts'
import type { EngineParts } from './engine-parts.ts'

const FIRST_LOOK_MS = 1
const MAX_LOOK_MS = 250

/** Looks for a run until the transaction that stores it is over: nobody tells of its commit. */
export function followTransaction(
  { storage, clock, commit, outcomes }: Pick<EngineParts, 'storage' | 'clock' | 'commit' | 'outcomes'>,
  runId: string,
  transaction: HostTransaction,
  found: (run: RunRecord) => void,
): void {
  outcomes.expect(runId)
  const look = async (waitMs: number): Promise<void> => {
    if (commit.isClosed) return
    // Asked before the run is: a transaction that ends in between may have stored it.
    const { isOpen } = transaction
    const run = await readNow(storage, runId)
    if (run === 'unknown' || (run === undefined && isOpen)) {
      clock.setTimer(waitMs, () => void look(Math.min(MAX_LOOK_MS, waitMs * 2)))
      return
    }
    outcomes.expected(runId, run === undefined ? rolledBack(runId) : null)
    if (run) found(run)
  }
  clock.setTimer(FIRST_LOOK_MS, () => void look(FIRST_LOOK_MS * 2))
}

async function readNow(storage: EngineParts['storage'], runId: string): Promise<RunRecord | undefined | 'unknown'> {
  try {
    return await storage.runs.get(runId)
  } catch {
    return 'unknown'
  }
}

function rolledBack(runId: string): PerfectError {
  return new PerfectError(
    'RUN_NOT_FOUND',
    `Run ${runId} did not start: the transaction that was to store it was rolled back. Trigger the flow again.`,
    { details: { runId } },
  )
}
