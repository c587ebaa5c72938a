import type { RunJournal } from '../journal/run-journal.ts'
import type { RunRecord } from '../storage/records.ts'
import type { ChildCall, ChildRun, Children } from './call-child.ts'

/** The runs that one run starts: it knows of all of them, also of those whose start is under way. */
export class StartedChildren implements Children {
  readonly #children: Children
  readonly #journal: RunJournal
  readonly #starts = new Set<Promise<RunRecord>>()
  #hasStarted = false

  constructor(children: Children, journal: RunJournal) {
    this.#children = children
    this.#journal = journal
  }

  /** Whether there may be any. */
  get areAny(): boolean {
    return this.#hasStarted || [...this.#journal.records.values()].some(({ kind }) => kind === 'child')
  }

  async start(parent: RunRecord, call: ChildCall): Promise<RunRecord> {
    this.#hasStarted = true
    const start = this.#children.start(parent, call)
    this.#starts.add(start)
    try {
      return await start
    } finally {
      this.#starts.delete(start)
    }
  }

  find(runId: string): Promise<ChildRun | undefined> {
    return this.#children.find(runId)
  }

  async cancelAll(parent: RunRecord): Promise<void> {
    await Promise.allSettled(this.#starts)
    if (this.areAny) await this.#children.cancelAll(parent)
  }
}
