import type { Configuration } from '../definition/configuration.ts'
import type { FlowDefinition } from '../definition/flow.ts'
import type { Change, Receipt } from '../storage/changes.ts'
import type { LogLine } from '../storage/records.ts'
import type { Fence } from '../storage/run-changes.ts'
import type { GroupCommit } from './group-commit.ts'
import { RunLog } from './run-log.ts'
import type { JournalParts } from './run-writes.ts'

/** Hands the changes of one run to the storage, each with the log lines before it. An engine that has stopped gives no receipt. */
export class RunWriter {
  readonly log: RunLog
  readonly #commit: GroupCommit
  /** The run has ended, or was given back, by a write of this stretch. */
  #isOver = false

  constructor(
    { commit, clock, observer }: JournalParts,
    { configuration, definition }: { readonly configuration: Configuration; readonly definition: FlowDefinition },
    fence: Fence,
  ) {
    this.#commit = commit
    this.log = new RunLog({
      clock,
      configuration,
      fence,
      onDue: () => void this.flushLog(),
      onStored: (lines) => observer.logged({ id: fence.runId, flowId: definition.id }, lines),
    })
  }

  /** Callbacks, since this is on the path of every task. */
  send(change: Change, tell: (receipt: Receipt | undefined) => void, reject: (error: unknown) => void): void {
    const lines = this.log.take()
    const changes = lines.length === 0 ? [change] : [this.log.change(lines), change]
    const told = (receipts: readonly Receipt[]): void => {
      const receipt = receipts.at(-1)
      if (receipt?.accepted && isLast(change)) this.#isOver = true
      if (lines.length > 0) this.#told(lines, receipts[0])
      tell(receipt)
    }
    this.#commit.offer(changes, told, reject)
  }

  /** The receipt of a change. */
  receipt(change: Change): Promise<Receipt | undefined> {
    return new Promise((resolve, reject) => this.send(change, resolve, reject))
  }

  /** Writes the log lines gathered so far. */
  async flushLog(): Promise<void> {
    const lines = this.log.take()
    if (lines.length > 0) this.#told(lines, await this.#alone(this.log.change(lines)))
  }

  /** Writes numbered log lines of a remote worker; gives whether they were taken. */
  async workerLog(lines: readonly LogLine[], workerLogSeq: number): Promise<boolean> {
    const receipt = await this.#alone({ ...this.log.change(lines), workerLogSeq })
    if (!receipt?.accepted) return false
    this.log.tell(lines, receipt)
    return true
  }

  // Of two commits at the same time the one with the lines may fail and be made again after the other has ended the run.
  #told(lines: readonly LogLine[], receipt: Receipt | undefined): void {
    const isLate = this.#isOver && receipt?.accepted === false
    if (!isLate) this.log.tell(lines, receipt)
    else
      void this.#alone({ ...this.log.change(lines), fence: null }).then(
        (late) => this.log.tell(lines, late),
        () => undefined,
      )
  }

  async #alone(change: Change): Promise<Receipt | undefined> {
    const receipts = await new Promise<readonly Receipt[]>((resolve, reject) =>
      this.#commit.offer([change], resolve, reject),
    )
    return receipts[0]
  }
}

function isLast(change: Change): boolean {
  return change.type === 'run.finish' || (change.type === 'run.update' && change.patch.engineId === null)
}
