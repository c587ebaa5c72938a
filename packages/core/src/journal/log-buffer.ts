import type { Clock } from '../primitives/clock.ts'
import type { LogLine } from '../storage/records.ts'

// Enough to make one write worth it, few enough that a crash loses little.
const MAX_LINES = 500

const NO_LINES: readonly LogLine[] = []

/** Gathers the log lines of a run until they are worth a write. */
export class LogBuffer {
  readonly #clock: Clock
  readonly #flushMs: number
  readonly #flush: () => void
  #lines: LogLine[] = []
  #stopTimer: (() => void) | null = null

  /**
   * @param flushMs How long a line may wait. Unit: ms. Range: >= 0.
   * @param flush Called when lines should be taken and written.
   */
  constructor(clock: Clock, flushMs: number, flush: () => void) {
    this.#clock = clock
    this.#flushMs = flushMs
    this.#flush = flush
  }

  add(line: LogLine): void {
    this.#lines.push(line)
    if (this.#flushMs === 0 || this.#lines.length >= MAX_LINES) this.#flush()
    else this.#stopTimer ??= this.#clock.setTimer(this.#flushMs, this.#flush)
  }

  /** Gives the gathered lines and forgets them. */
  take(): readonly LogLine[] {
    if (this.#lines.length === 0) return NO_LINES
    this.#stopTimer?.()
    this.#stopTimer = null
    const lines = this.#lines
    this.#lines = []
    return lines
  }
}
