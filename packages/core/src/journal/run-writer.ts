import type { Change, Receipt } from '../storage/changes.ts'
import type { LogLine } from '../storage/records.ts'
import type { GroupCommit } from './group-commit.ts'
import type { RunLog } from './run-log.ts'

/** Hands the changes of one run to the storage, each with the log lines before it. An engine that has stopped gives no receipt. */
export class RunWriter {
  readonly #commit: GroupCommit
  readonly #log: RunLog

  constructor(commit: GroupCommit, log: RunLog) {
    this.#commit = commit
    this.#log = log
  }

  /** Callbacks, since this is on the path of every task. */
  send(change: Change, tell: (receipt: Receipt | undefined) => void, reject: (error: unknown) => void): void {
    const lines = this.#log.take()
    const changes = lines.length === 0 ? [change] : [this.#log.change(lines), change]
    const told = (receipts: readonly Receipt[]): void => {
      if (lines.length > 0) this.#log.tell(lines, receipts[0])
      tell(receipts.at(-1))
    }
    this.#commit.offer(changes, told, reject)
  }

  /** The receipt of a change. */
  receipt(change: Change): Promise<Receipt | undefined> {
    return new Promise((resolve, reject) => this.send(change, resolve, reject))
  }

  /** Writes the log lines gathered so far. */
  async flushLog(): Promise<void> {
    const lines = this.#log.take()
    if (lines.length > 0) this.#log.tell(lines, await this.#alone(this.#log.change(lines)))
  }

  /** Writes numbered log lines of a remote worker; gives whether they were taken. */
  async workerLog(lines: readonly LogLine[], workerLogSeq: number): Promise<boolean> {
    const receipt = await this.#alone({ ...this.#log.change(lines), workerLogSeq })
    if (!receipt?.accepted) return false
    this.#log.tell(lines, receipt)
    return true
  }

  async #alone(change: Change): Promise<Receipt | undefined> {
    const receipts = await new Promise<readonly Receipt[]>((resolve, reject) =>
      this.#commit.offer([change], resolve, reject),
    )
    return receipts[0]
  }
}
