/*
 * The output of a client process as lines: two streams are split into lines, numbered, and the last of them kept.
 * Memory stays bounded whatever a process writes. Lines are given on in batches, so a flood costs its readers little.
 */
import type { Clock } from '../primitives/clock.ts'
import type { ClientLogView } from './client-view.ts'
import { LineRing } from './line-ring.ts'
import { LineSplitter } from './line-splitter.ts'

// A prompt waits for an answer without ending its line; a shorter time would cut lines that are written in parts.
const PROMPT_IDLE_MS = 300
// A progress bar that never ends its line is shown this often; each time costs one of the kept lines.
const PROGRESS_SHOWN_MS = 5000
// What a person can still follow; fewer messages than this cost nothing.
const BATCH_MS = 100
const SHOWN_LINES = 200
const SHOWN_CHARS = 262_144

/** What an {@link OutputCapture} works with. */
export interface OutputCaptureOptions {
  readonly clock: Clock
  /** Lines that are kept. Range: >= 1. Default: 1,000. */
  readonly maxLines?: number
  /** What is longer is cut and marked. Unit: bytes. Range: >= 4. Default: 16,384. */
  readonly maxLineBytes?: number
  /** Called with new lines, at most every 100 ms, with the newest 200 at most. */
  readonly publish: (lines: readonly ClientLogView[]) => void
  /** Called with every line that is kept, at most every 100 ms. Default: none is kept elsewhere. */
  readonly keep?: (lines: readonly ClientLogView[]) => void
}

interface Source {
  readonly splitter: LineSplitter
  cancelTimer: (() => void) | undefined
  timerIsForProgress: boolean
}

/** Captures what one client writes, over all its starts. */
export class OutputCapture {
  readonly #options: OutputCaptureOptions
  readonly #ring: LineRing
  readonly #sources: Readonly<Record<'stdout' | 'stderr', Source>>
  #publishedSeq = 0
  #keptSeq = 0
  #cancelBatch: (() => void) | undefined
  #at = ''

  constructor(options: OutputCaptureOptions) {
    this.#options = options
    this.#ring = new LineRing(options.maxLines === undefined ? {} : { maxLines: options.maxLines })
    this.#sources = { stdout: this.#source('stdout'), stderr: this.#source('stderr') }
  }

  /** Lines that were written and are no longer kept. */
  get dropped(): number {
    return this.#ring.dropped
  }

  /** The last lines, oldest first: at most 200, at most 256 Ki characters. */
  get lastLines(): readonly ClientLogView[] {
    return this.#ring.last({ limit: SHOWN_LINES, maxChars: SHOWN_CHARS })
  }

  /** Lines that are kept and come after one, oldest first. */
  linesAfter(after: number): readonly ClientLogView[] {
    return this.#ring.last({ after, limit: Infinity, maxChars: Infinity })
  }

  /** Begins with lines of an earlier life. */
  restore(lines: readonly ClientLogView[]): void {
    this.#ring.restore(lines)
    this.#publishedSeq = this.#ring.lastSeq
    this.#keptSeq = this.#ring.lastSeq
  }

  /** Takes raw output. */
  write(stream: 'stdout' | 'stderr', chunk: Uint8Array): void {
    this.#at = new Date(this.#options.clock.now()).toISOString()
    const source = this.#sources[stream]
    source.splitter.write(chunk)
    this.#watchPartialLine(source)
  }

  /** Adds a line about the process. */
  note(text: string): void {
    this.#at = new Date(this.#options.clock.now()).toISOString()
    this.#add('system', text)
  }

  /** The process has ended, as `note` says: unfinished lines become lines, and everything is given on at once. */
  end(note: string): void {
    this.#at = new Date(this.#options.clock.now()).toISOString()
    for (const source of Object.values(this.#sources)) {
      source.splitter.end()
      this.#watchPartialLine(source)
    }
    this.#add('system', note)
    this.#publishNow()
  }

  #publishNow(): void {
    this.#cancelBatch?.()
    this.#cancelBatch = undefined
    const lines = this.#ring.last({ after: this.#publishedSeq, limit: SHOWN_LINES, maxChars: SHOWN_CHARS })
    this.#publishedSeq = this.#ring.lastSeq
    if (lines.length > 0) this.#options.publish(lines)
    if (this.#options.keep === undefined) return
    this.#options.keep(this.linesAfter(this.#keptSeq))
    this.#keptSeq = this.#ring.lastSeq
  }

  #source(stream: 'stdout' | 'stderr'): Source {
    const { maxLineBytes } = this.#options
    const limits = maxLineBytes === undefined ? {} : { maxLineBytes }
    const splitter = new LineSplitter((text) => this.#add(stream, text), limits)
    return { splitter, cancelTimer: undefined, timerIsForProgress: false }
  }

  #add(stream: ClientLogView['stream'], text: string): void {
    this.#ring.add(this.#at, stream, text)
    this.#cancelBatch ??= this.#options.clock.setTimer(BATCH_MS, () => this.#publishNow())
  }

  // A prompt is shown when nothing follows it for a while, a progress bar regularly.
  #watchPartialLine(source: Source): void {
    const { splitter } = source
    const isProgress = splitter.hasPartialLine && splitter.isOverwriting
    if (isProgress && source.timerIsForProgress) return
    source.cancelTimer?.()
    source.cancelTimer = undefined
    source.timerIsForProgress = isProgress
    if (!splitter.hasPartialLine) return
    source.cancelTimer = this.#options.clock.setTimer(isProgress ? PROGRESS_SHOWN_MS : PROMPT_IDLE_MS, () => {
      source.timerIsForProgress = false
      this.#at = new Date(this.#options.clock.now()).toISOString()
      splitter.flushPartial()
    })
  }
}
