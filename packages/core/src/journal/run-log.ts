import type { Configuration } from '../definition/configuration.ts'
import type { Clock } from '../primitives/clock.ts'
import { isAtLeast, type LogLevel } from '../primitives/log-level.ts'
import type { AppendLog, Receipt } from '../storage/changes.ts'
import type { LogLine, LogRecord } from '../storage/records.ts'
import type { Fence } from '../storage/run-changes.ts'
import { LogBuffer } from './log-buffer.ts'

/** What the log of a run works with. */
export interface RunLogParts {
  readonly clock: Clock
  readonly configuration: Configuration
  readonly fence: Fence
  /** Called when gathered lines are to be written. */
  readonly onDue: () => void
  /** Hears lines that were stored. */
  readonly onStored: (lines: readonly LogRecord[]) => void
}

/** The log lines of one held run, from their being said to their being stored. */
export class RunLog {
  readonly #parts: RunLogParts
  readonly #buffer: LogBuffer

  constructor(parts: RunLogParts) {
    this.#parts = parts
    this.#buffer = new LogBuffer(parts.clock, parts.configuration.logFlushMs, parts.onDue)
  }

  /** Adds a line of the flow. */
  add(level: LogLevel, message: string, task: string | null, fields: string | null): void {
    if (isAtLeast(level, this.#parts.configuration.logLevel)) this.#add(level, message, task, fields)
  }

  /** Adds a line of the engine about the run. */
  note(level: LogLevel, message: string, task: string | null): void {
    if (isAtLeast(level, this.#parts.configuration.engineLogLevel)) this.#add(level, message, task, null)
  }

  /** The lines gathered so far; they are not kept here any more. */
  take(): readonly LogLine[] {
    return this.#buffer.take()
  }

  /** The write of some lines. */
  change(lines: readonly LogLine[]): AppendLog {
    const { fence } = this.#parts
    return { type: 'log.append', runId: fence.runId, fence, lines }
  }

  /** Tells of lines, when they were stored. */
  tell(lines: readonly LogLine[], receipt: Receipt | undefined): void {
    if (!receipt?.accepted || receipt.firstSeq === undefined) return
    const { firstSeq } = receipt
    const { runId } = this.#parts.fence
    this.#parts.onStored(lines.map((line, index) => ({ ...line, runId, seq: firstSeq + index })))
  }

  #add(level: LogLevel, message: string, task: string | null, fields: string | null): void {
    this.#buffer.add({ at: this.#parts.clock.now(), level, task, message, fields })
  }
}
