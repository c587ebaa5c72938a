import type { RunSums } from '../run-sums.ts'
import type { Database } from './database.ts'

/** What a change is applied with. */
export interface ChangeScope {
  readonly database: Database
  /** Runs that end in this commit; stored at its end. */
  readonly sums: RunSums
  /** Time of the storage clock. Unit: ms since 1970 UTC. */
  readonly now: number
  /** Whether all text of packed changes can be stored as it is. */
  readonly isPlain: boolean
}
