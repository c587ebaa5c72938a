import type { ClientLogView } from './client-view.ts'

/** Bounds of a {@link LineRing}. */
export interface LineRingOptions {
  /** Lines that are kept. Range: >= 1. Default: 1,000. */
  readonly maxLines?: number
  /** Characters that are kept, over all lines. Range: >= 1. Default: 4,194,304. */
  readonly maxChars?: number
}

/** Which of the kept lines are wanted. */
export interface LineSelection {
  /** Only lines after this one. Default: 0, all. */
  readonly after?: number
  /** At most so many, the newest. */
  readonly limit: number
  /** At most so many characters, though never less than one line. */
  readonly maxChars: number
}

/** The last lines of a client: bounded in number and in size, whatever is written. */
export class LineRing {
  readonly #slots: (ClientLogView | undefined)[]
  readonly #maxChars: number
  #count = 0
  #chars = 0
  #lastSeq = 0

  constructor(options: LineRingOptions = {}) {
    this.#slots = Array.from({ length: options.maxLines ?? 1000 }, () => undefined)
    this.#maxChars = options.maxChars ?? 4_194_304
  }

  /** Number of the newest line; 0 before the first. */
  get lastSeq(): number {
    return this.#lastSeq
  }

  /** Lines that were written and are no longer kept. */
  get dropped(): number {
    return this.#lastSeq - this.#count
  }

  /** Begins with lines that were written before. */
  restore(lines: readonly ClientLogView[]): void {
    for (const line of lines) {
      if (line.seq <= this.#lastSeq) continue
      if (this.#count > 0 && line.seq !== this.#lastSeq + 1) while (this.#count > 0) this.#dropOldest()
      this.#lastSeq = line.seq - 1
      this.add(line.at, line.stream, line.text)
    }
  }

  add(at: string, stream: ClientLogView['stream'], text: string): void {
    if (this.#count === this.#slots.length) this.#dropOldest()
    this.#lastSeq += 1
    this.#slots[this.#lastSeq % this.#slots.length] = { seq: this.#lastSeq, at, stream, text }
    this.#count += 1
    this.#chars += text.length
    while (this.#chars > this.#maxChars && this.#count > 1) this.#dropOldest()
  }

  /** The newest lines that fit the selection, oldest first. */
  last(selection: LineSelection): readonly ClientLogView[] {
    const lines: ClientLogView[] = []
    const oldest = Math.max(this.#lastSeq - this.#count, selection.after ?? 0)
    let chars = 0
    for (let seq = this.#lastSeq; seq > oldest && lines.length < selection.limit; seq--) {
      const line = this.#slots[seq % this.#slots.length]
      chars += line?.text.length ?? 0
      if (line === undefined || (chars > selection.maxChars && lines.length > 0)) break
      lines.push(line)
    }
    return lines.toReversed()
  }

  #dropOldest(): void {
    const slot = (this.#lastSeq - this.#count + 1) % this.#slots.length
    this.#chars -= this.#slots[slot]?.text.length ?? 0
    this.#slots[slot] = undefined
    this.#count -= 1
  }
}
