/*
 * Turns the raw bytes of one output stream into lines, in bounded memory.
 *
 * Works on bytes and decodes a line only when it is whole, so a character that is cut by a chunk border needs no care.
 * A line ends with \n or \r\n. A \r within a line starts it anew, as on a terminal: of a progress bar its last state stays.
 */

const NEWLINE = 0x0a
const RETURN = 0x0d

/** Limits of a {@link LineSplitter}. */
export interface LineSplitterOptions {
  /** What is longer is cut and marked. Unit: bytes. Range: >= 4. Default: 16,384. */
  readonly maxLineBytes?: number
}

/** Splits one stream into lines. */
export class LineSplitter {
  readonly #emit: (text: string) => void
  readonly #limit: number
  #line: Buffer
  #length = 0
  // Bytes of this line that did not fit.
  #cut = 0
  // A \r was seen last: the next byte decides whether it ends the line or starts it anew.
  #returned = false
  #overwritten = false
  // A part of this line was given out already, so nothing is left to tell when it ends right there.
  #flushed = false

  constructor(emit: (text: string) => void, options: LineSplitterOptions = {}) {
    this.#emit = emit
    this.#limit = options.maxLineBytes ?? 16_384
    this.#line = Buffer.allocUnsafe(Math.min(this.#limit, 256))
  }

  /** Whether a line has begun and not ended. */
  get hasPartialLine(): boolean {
    return this.#length > 0
  }

  /** Whether the line that has begun was overwritten by a \r: a progress bar, most likely. */
  get isOverwriting(): boolean {
    return this.#overwritten
  }

  /** Takes the next bytes of the stream; gives out every line that they end. */
  write(chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    let newline = -1
    let carriage = -1
    for (let at = 0; at < bytes.length;) {
      newline = nextIndex(bytes, NEWLINE, newline, at)
      carriage = nextIndex(bytes, RETURN, carriage, at)
      const end = Math.min(newline, carriage)
      this.#append(bytes, at, end)
      if (end === newline && end < bytes.length) this.#endLine()
      else if (end === carriage && end < bytes.length) this.#returned = true
      at = end + 1
    }
  }

  /** Gives out the part of a line that is there, but keeps half a character back: the rest of it is still to come. */
  flushPartial(): void {
    if (!this.hasPartialLine) return
    const whole = this.#cut > 0 ? this.#length : wholeCharacters(this.#line, this.#length)
    if (whole === 0) return
    this.#emit(this.#text(whole))
    this.#line.copyWithin(0, whole, this.#length)
    this.#length -= whole
    this.#cut = 0
    this.#flushed = true
  }

  /** The stream has ended: gives out what is left and is ready for another stream. */
  end(): void {
    if (this.hasPartialLine) this.#endLine()
    this.#reset()
  }

  #startAnew(): void {
    this.#length = 0
    this.#cut = 0
    this.#returned = false
    this.#overwritten = true
    this.#flushed = false
  }

  // Takes bytes without \n and \r.
  #append(bytes: Buffer, start: number, end: number): void {
    if (start === end) return
    if (this.#returned) this.#startAnew()
    const fitting = Math.min(end - start, this.#limit - this.#length)
    this.#reserve(this.#length + fitting)
    bytes.copy(this.#line, this.#length, start, start + fitting)
    this.#length += fitting
    this.#cut += end - start - fitting
  }

  #reserve(size: number): void {
    if (size <= this.#line.length) return
    const larger = Buffer.allocUnsafe(Math.min(this.#limit, Math.max(size, this.#line.length * 2)))
    this.#line.copy(larger, 0, 0, this.#length)
    this.#line = larger
  }

  #endLine(): void {
    if (this.#length > 0 || !this.#flushed) this.#emit(this.#text(this.#length))
    this.#reset()
  }

  #reset(): void {
    this.#length = 0
    this.#cut = 0
    this.#returned = false
    this.#overwritten = false
    this.#flushed = false
  }

  #text(length: number): string {
    const whole = this.#cut > 0 ? wholeCharacters(this.#line, length) : length
    // NUL is refused by some databases and shown as nothing by a browser; its picture is neither.
    const text = this.#line.toString('utf8', 0, whole).replaceAll('\0', '\u2400')
    return this.#cut > 0 ? `${text} … [${String(this.#cut + length - whole)} more bytes]` : text
  }
}

/** Where `byte` is next, from `at` on; the length when it is not. `known` saves the search: each byte is looked at once. */
function nextIndex(bytes: Buffer, byte: number, known: number, at: number): number {
  if (known >= at) return known
  const found = bytes.indexOf(byte, at)
  return found === -1 ? bytes.length : found
}

/** How many of the first `length` bytes are left when a UTF-8 character that is cut off at their end is taken away. */
function wholeCharacters(bytes: Buffer, length: number): number {
  for (let back = 1; back <= Math.min(3, length); back++) {
    const byte = bytes[length - back] ?? 0
    if ((byte & 0b1100_0000) === 0b1000_0000) continue
    return back < sequenceLength(byte) ? length - back : length
  }
  return length
}

function sequenceLength(first: number): number {
  if (first >= 0b1111_0000 && first <= 0xf4) return 4
  if (first >= 0b1110_0000 && first < 0b1111_0000) return 3
  return first >= 0xc2 && first < 0b1110_0000 ? 2 : 1
}
