import { PerfectError } from '../errors/perfect-error.ts'
import type { GroupCommit } from '../journal/group-commit.ts'
import type { Clock } from '../primitives/clock.ts'

const FIRST_RETRY_MS = 100
const MAX_RETRY_MS = 5000

/**
 * Reads something that a held run cannot go on without, or does something for it that may be done twice: while the storage is away it asks again and again. Giving up would leave the run
 * in the name of an engine that lives and does nothing for it.
 *
 * @throws {PerfectError} STORAGE_UNAVAILABLE once the engine has stopped.
 */
export async function readPatiently<T>(
  { commit, clock }: { readonly commit: GroupCommit; readonly clock: Clock },
  read: () => Promise<T>,
): Promise<T> {
  for (let failures = 0; ; failures++) {
    try {
      return await read()
    } catch (error) {
      if (commit.isClosed || !PerfectError.is(error, 'STORAGE_UNAVAILABLE')) throw error
      const delayMs = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** failures)
      await new Promise<void>((resolve) => clock.setTimer(delayMs, resolve))
    }
  }
}
