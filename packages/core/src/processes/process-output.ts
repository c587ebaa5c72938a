import type { TaskContext } from '../definition/task-context.ts'
import type { Clock } from '../primitives/clock.ts'
import { LineRing } from './line-ring.ts'
import { LineSplitter } from './line-splitter.ts'
import type { ProcessLine } from './process-lines.ts'

// A result is a line too, and larger than what a person reads.
const MAX_LINE_BYTES = 1_048_576
const MAX_LOGGED_CHARS = 16_384
const KEPT = { maxLines: 20, maxChars: 65_536 }
const ALL_KEPT = { limit: KEPT.maxLines, maxChars: KEPT.maxChars }
// What a log can hold and a person can follow; a flood is left out beyond it.
const LINES_PER_SECOND = 100
const BURST_LINES = 1000

/** Reads a line; undefined for plain text. */
export type LineReader = (line: string, stream: 'stdout' | 'stderr') => ProcessLine | undefined

/** The output of the process of one attempt: log lines, progress and the result. */
export class ProcessOutput {
  readonly #context: TaskContext
  readonly #clock: Clock
  readonly #read: LineReader
  readonly #splitters: Readonly<Record<'stdout' | 'stderr', LineSplitter>>
  readonly #all = new LineRing(KEPT)
  readonly #errors = new LineRing(KEPT)
  #result: { readonly value: unknown } | null = null
  #problem: unknown = null
  #budget = BURST_LINES
  #filledAt: number
  #leftOut = 0

  constructor(context: TaskContext, clock: Clock, read: LineReader) {
    this.#context = context
    this.#clock = clock
    this.#read = read
    this.#filledAt = clock.monotonic()
    const splitter = (stream: 'stdout' | 'stderr'): LineSplitter =>
      new LineSplitter((line) => this.#line(stream, line), { maxLineBytes: MAX_LINE_BYTES })
    this.#splitters = { stdout: splitter('stdout'), stderr: splitter('stderr') }
  }

  /** What the process gave as its result; null when it gave none. */
  get result(): { readonly value: unknown } | null {
    return this.#result
  }

  /** The first error of reading a line; null when there was none. */
  get problem(): unknown {
    return this.#problem
  }

  /** The last lines of both streams. */
  get lastLines(): readonly string[] {
    return this.#all.last(ALL_KEPT).map(({ text }) => text)
  }

  /** The last lines of stderr, or of both streams when it is empty. */
  get lastErrors(): readonly string[] {
    const errors = this.#errors.last(ALL_KEPT).map(({ text }) => text)
    return errors.length > 0 ? errors : this.lastLines
  }

  /** Takes raw output. */
  write(stream: 'stdout' | 'stderr', chunk: Uint8Array): void {
    this.#splitters[stream].write(chunk)
  }

  /** The process has ended: what is left of its lines is taken. */
  end(): void {
    for (const splitter of Object.values(this.#splitters)) splitter.end()
    this.#tellLeftOut()
  }

  #line(stream: 'stdout' | 'stderr', line: string): void {
    const said = this.#said(stream, line)
    if (said === undefined) this.#text(stream, line)
    else if (said !== null) this.#take(said)
  }

  /** What a line says; undefined for plain text, null when reading it failed. */
  #said(stream: 'stdout' | 'stderr', line: string): ProcessLine | undefined | null {
    try {
      return this.#read(line, stream)
    } catch (error) {
      this.#problem ??= error
      return null
    }
  }

  #take({ progress, note, result }: ProcessLine): void {
    if (progress !== undefined) this.#context.progress(progress, note)
    if (result !== undefined) this.#result = { value: result }
  }

  #text(stream: 'stdout' | 'stderr', line: string): void {
    const text = shortened(line)
    this.#all.add('', stream, text)
    if (stream === 'stderr') this.#errors.add('', stream, text)
    if (!this.#hasBudget()) {
      this.#leftOut++
      return
    }
    this.#tellLeftOut()
    this.#context.log[stream === 'stderr' ? 'warn' : 'info'](text)
  }

  #hasBudget(): boolean {
    const now = this.#clock.monotonic()
    this.#budget = Math.min(BURST_LINES, this.#budget + ((now - this.#filledAt) / 1000) * LINES_PER_SECOND)
    this.#filledAt = now
    if (this.#budget < 1) return false
    this.#budget--
    return true
  }

  #tellLeftOut(): void {
    if (this.#leftOut === 0) return
    this.#context.log.warn(`${String(this.#leftOut)} lines were left out: the process wrote too many at once`)
    this.#leftOut = 0
  }
}

function shortened(line: string): string {
  const more = line.length - MAX_LOGGED_CHARS
  return more > 0 ? `${line.slice(0, MAX_LOGGED_CHARS)} … [${String(more)} more characters]` : line
}
