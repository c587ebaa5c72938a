import type { LogView } from '@perfect/core'

import { toApiError, type ApiError } from '../../api/api-error.ts'
import type { LiveStore } from '../../controllers/live-store.ts'
import { LogBuffer } from '../../state/log-buffer.ts'

/** Lines read in one request. Unit: lines. The most that the API gives. */
const PAGE = 1000

/** Reads the log of a run: the end first, live lines as they come, earlier lines on demand. */
export class LogLoader {
  readonly buffer: LogBuffer = new LogBuffer()
  readonly #store: LiveStore
  readonly #runId: string
  readonly #onChange: () => void
  readonly #stop: () => void
  #pending: LogView[] = []
  #isReading = false
  #isStopped = false
  /** Why the log could not be read. */
  error: ApiError | null = null
  /** Whether the end of the log has been read. */
  isLoaded = false

  constructor(store: LiveStore, runId: string, onChange: () => void) {
    this.#store = store
    this.#runId = runId
    this.#onChange = onChange
    this.#stop = store.listen('log.appended', (data) => {
      if (data.runId === runId) this.#receive(data.lines)
    })
  }

  /** Stops listening. */
  stop(): void {
    this.#isStopped = true
    this.#stop()
  }

  /** Reads the end of a log of so many lines, or what was missed since the last line. */
  async load(lines: number): Promise<void> {
    const after = this.buffer.lastSeq > 0 ? this.buffer.lastSeq : Math.max(0, lines - PAGE)
    await this.#read(async () => {
      await this.#readAfter(after)
      this.isLoaded = true
    })
  }

  /** Reads one page before the first line. `onRows` is told how many rows that added to the shown ones. */
  async loadEarlier(onRows: (count: number) => void): Promise<void> {
    const before = this.buffer.firstSeq
    if (before === null || before <= 1) return
    await this.#read(async () => {
      const range = { after: Math.max(0, before - 1 - PAGE), before, limit: PAGE }
      const page = await this.#store.client.getLogs(this.#runId, range)
      onRows(this.buffer.prepend(page.items))
    })
  }

  /** Reads every page before the first line, for what looks at the whole log. */
  async loadAllEarlier(onRows: (count: number) => void): Promise<void> {
    for (;;) {
      const before = this.buffer.firstSeq
      await this.loadEarlier(onRows)
      // No page that is earlier than before: it was the first, reading failed, or another reader is at it.
      if (this.#isStopped || this.buffer.firstSeq === before) return
    }
  }

  /** Every line of the run, whatever is shown, for a file. */
  async readAll(): Promise<readonly LogView[]> {
    const lines: LogView[] = []
    for (;;) {
      const page = await this.#store.client.getLogs(this.#runId, { after: lines.at(-1)?.seq ?? 0, limit: PAGE })
      lines.push(...page.items)
      if (page.nextCursor === null || page.items.length === 0) return lines
    }
  }

  async #readAfter(start: number): Promise<void> {
    let after = start
    for (;;) {
      const page = await this.#store.client.getLogs(this.#runId, { after, limit: PAGE })
      this.buffer.append(page.items)
      const last = page.items.at(-1)
      if (page.nextCursor === null || last === undefined || this.#isStopped) return
      after = last.seq
    }
  }

  async #read(action: () => Promise<void>): Promise<void> {
    if (this.#isReading) return
    this.#isReading = true
    this.error = null
    try {
      await action()
    } catch (error) {
      this.error = toApiError(error)
    }
    this.#isReading = false
    const lines = this.#pending
    this.#pending = []
    this.#receive(lines)
    this.#onChange()
  }

  /** Live lines wait while a page is read; a gap in the numbers means that some were missed, and they are read. */
  #receive(lines: readonly LogView[]): void {
    const [first] = lines
    if (first === undefined) return
    if (this.#isReading) {
      this.#pending.push(...lines)
      return
    }
    if (this.isLoaded && first.seq > this.buffer.lastSeq + 1) {
      void this.load(0)
      return
    }
    this.buffer.append(lines)
    this.#onChange()
  }
}
