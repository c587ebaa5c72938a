import type { Storage } from '../../storage/storage.ts'
import type { ManualClock } from '../manual-clock.ts'

/** One rule that every storage keeps, as data: any test runner can run it. */
export interface StorageCase {
  readonly group: string
  /** A sentence that says the rule. */
  readonly title: string
  /** `clock`: the storage must go by the clock that the case is given. */
  readonly needs?: 'clock'
  /**
   * Fails with an `AssertionError` when the storage breaks the rule.
   *
   * @param storage Open and empty, with the clock as its storage clock. The case does not close it, except where the rule is about that.
   */
  run(storage: Storage, tools: StorageCaseTools): Promise<void>
}

/** What a case works with besides the storage. */
export interface StorageCaseTools {
  readonly clock: ManualClock
}

/** Cases of one group. */
export function group(name: string, cases: readonly Omit<StorageCase, 'group'>[]): readonly StorageCase[] {
  return cases.map((one) => ({ ...one, group: name }))
}
