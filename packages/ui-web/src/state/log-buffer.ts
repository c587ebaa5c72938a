import type { ClientLogView, LogLevel, LogView } from '@perfect/core'

/*
 * Log lines of one run or process in memory: a window that grows at its end and, on demand, at its start.
 */

/** A row of the log view: one visual line. A message with line breaks is several rows. */
export interface LogRow {
  /** Number of the line. Range: >= 1. */
  readonly seq: number
  /** Unit: ms since 1970. */
  readonly at: number
  readonly level: LogLevel | 'stdout' | 'stderr' | 'system'
  /** Key of the task that wrote it. */
  readonly task: string | null
  readonly text: string
  /** Whether it continues the message of the row before. */
  readonly isContinued: boolean
}

/** What the rows are narrowed to. */
export interface LogFilter {
  readonly minLevel: LogLevel
  /** Only this task and the tasks inside it; null for all. */
  readonly task: string | null
}

/** Rows kept at most. Unit: rows. About 30 MB; the oldest go first, and can be read again from the server. */
const LIMIT = 100_000

const LEVELS: Readonly<Record<LogRow['level'], number>> = {
  debug: 0,
  info: 1,
  stdout: 1,
  stderr: 1,
  system: 1,
  warn: 2,
  error: 3,
}

/** The rows of a log. */
export class LogBuffer {
  #rows: LogRow[] = []
  #shown: LogRow[] = []
  #filter: LogFilter = { minLevel: 'debug', task: null }

  /** The rows that pass the filter. */
  get rows(): readonly LogRow[] {
    return this.#shown
  }

  /** Number of the first line; null when empty. */
  get firstSeq(): number | null {
    return this.#rows[0]?.seq ?? null
  }

  /** Number of the last line; 0 when empty. */
  get lastSeq(): number {
    return this.#rows.at(-1)?.seq ?? 0
  }

  /** Rows whether or not they pass the filter. */
  get size(): number {
    return this.#rows.length
  }

  /** Adds lines at the end; lines that are already there are left out. */
  append(lines: readonly (LogView | ClientLogView)[]): void {
    const last = this.lastSeq
    for (const row of lines.filter(({ seq }) => seq > last).flatMap(toRows)) {
      this.#rows.push(row)
      if (passes(row, this.#filter)) this.#shown.push(row)
    }
    if (this.#rows.length <= LIMIT) return
    this.#rows = this.#rows.slice(-LIMIT)
    this.#narrow()
  }

  /** Adds lines at the start; lines that are already there are left out. Gives the number of rows added to the shown ones. */
  prepend(lines: readonly LogView[]): number {
    const first = this.firstSeq ?? Infinity
    const before = this.#shown.length
    this.#rows = [...lines.filter(({ seq }) => seq < first).flatMap(toRows), ...this.#rows]
    this.#narrow()
    return this.#shown.length - before
  }

  /** Narrows the shown rows. */
  filter(filter: LogFilter): void {
    this.#filter = filter
    this.#narrow()
  }

  #narrow(): void {
    this.#shown = this.#rows.filter((row) => passes(row, this.#filter))
  }
}

function passes({ level, task }: LogRow, filter: LogFilter): boolean {
  if (LEVELS[level] < LEVELS[filter.minLevel]) return false
  return filter.task === null || task === filter.task || (task?.startsWith(`${filter.task}/`) ?? false)
}

function toRows(line: LogView | ClientLogView): readonly LogRow[] {
  const { seq } = line
  const at = Date.parse(line.at)
  const [text, level, task] = 'text' in line ? [line.text, line.stream, null] : [line.message, line.level, line.task]
  return text
    .replace(/\r?\n$/, '')
    .split(/\r?\n/)
    .map((part, index) => ({ seq, at, level, task, text: part, isContinued: index > 0 }))
}
