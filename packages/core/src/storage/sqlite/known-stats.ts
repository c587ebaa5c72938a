import { statsKey } from '../run-sums.ts'
import type { StatsKey, StatsSums } from '../stats-sums.ts'

// A bound for those with thousands of flows; what is not known is read.
const MAX_ROWS = 2000

/** The rows of statistics that this connection has written last, so that it need not read them to add to them. */
export class KnownStats {
  readonly #rows = new Map<string, StatsSums>()

  /** A row. @param read Gives it when it is not known. */
  row(key: StatsKey, read: () => StatsSums): StatsSums {
    const name = statsKey(key)
    let row = this.#rows.get(name)
    if (row === undefined) {
      if (this.#rows.size >= MAX_ROWS) this.clear()
      row = read()
      this.#rows.set(name, row)
    }
    return row
  }

  /** A transaction was undone, rows were removed, or others have written. */
  clear(): void {
    this.#rows.clear()
  }
}
