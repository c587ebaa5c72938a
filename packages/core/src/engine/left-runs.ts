import { ReleasingMap } from '../primitives/releasing-map.ts'
import type { RunRecord } from '../storage/records.ts'
import { isFinalRun } from '../storage/run-rules.ts'

// Late answers are seconds late; this many runs are those of some seconds of a very busy engine.
const MAX_RUNS = 1000

/**
 * The runs that this engine has held and holds no more, or was told of before it held them, as it knew them last. An answer of the storage
 * that was long on its way may tell of a run as it was before: what was shown or acknowledged once is not taken back.
 */
export class LeftRuns {
  readonly #runs = new ReleasingMap<RunRecord>()

  add(run: RunRecord): void {
    const newest = this.newest(run)
    this.#runs.delete(run.id)
    this.#runs.set(run.id, newest)
    if (this.#runs.size <= MAX_RUNS) return
    const [oldest] = this.#runs.keys()
    if (oldest !== undefined) this.#runs.delete(oldest)
  }

  /** The newer one of what was read and what was known. */
  newest(read: RunRecord): RunRecord {
    const known = this.#runs.get(read.id)
    if (known === undefined || isFinalRun(read.status)) return read
    if (isFinalRun(known.status)) return known
    const progress = Math.max(read.progress, known.progress)
    // Nobody takes a cancel back.
    const { cancelRequestedAt, cancelReason } = read.cancelRequestedAt === null ? known : read
    return { ...(known.epoch > read.epoch ? known : read), progress, cancelRequestedAt, cancelReason }
  }
}
