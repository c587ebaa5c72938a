import type { EventFrame, FrameForm } from './event-frame.ts'

// A frame may wait twice, and frames are shared by all readers.
interface Waiting {
  readonly key: string | null
  readonly bytes: Buffer
}

/**
 * What one reader of the live stream has not taken yet, bounded in bytes. A reader that is too slow first loses what newer events make
 * worthless (an older state of the same run or task), and when that does not help, everything: `reset` tells it to fetch anew.
 */
export class EventQueue {
  readonly #form: FrameForm
  readonly #maxBytes: number
  readonly #resetFrame: () => EventFrame
  // In the order of arrival; a set removes from the middle at no cost.
  readonly #waiting = new Set<Waiting>()
  // Newest waiting frame of each key; kept only while the queue is full of superseded ones.
  #newest: Map<string, Waiting> | null = null
  #bytes = 0

  /**
   * @param maxBytes Range: >= 1.
   * @param resetFrame Makes the frame that stands for everything dropped so far.
   */
  constructor(form: FrameForm, maxBytes: number, resetFrame: () => EventFrame) {
    this.#form = form
    this.#maxBytes = maxBytes
    this.#resetFrame = resetFrame
  }

  get isEmpty(): boolean {
    return this.#waiting.size === 0
  }

  /** Unit: bytes. Range: 0..`maxBytes` and one reset frame. */
  get bytes(): number {
    return this.#bytes
  }

  push(frame: EventFrame): void {
    const waiting = { key: frame.key, bytes: frame.bytes(this.#form) }
    if (this.#newest) this.#supersede(waiting, this.#newest)
    this.#add(waiting)
    if (this.#bytes > this.#maxBytes && this.#newest === null) this.#coalesce()
    if (this.#bytes > this.#maxBytes) this.#reset()
  }

  /** Takes the oldest frames, up to about `maxBytes` but at least one; nothing when there is none. */
  take(maxBytes: number): Buffer[] {
    const taken: Buffer[] = []
    let size = 0
    for (const waiting of this.#waiting) {
      if (taken.length > 0 && size + waiting.bytes.length > maxBytes) break
      taken.push(waiting.bytes)
      size += waiting.bytes.length
      this.#remove(waiting)
    }
    if (this.isEmpty) this.#newest = null
    return taken
  }

  clear(): void {
    this.#waiting.clear()
    this.#newest = null
    this.#bytes = 0
  }

  /** Keeps the newest frame of each key; from now on, until the reader has caught up, a new one replaces its predecessor. */
  #coalesce(): void {
    const newest = new Map<string, Waiting>()
    for (const waiting of this.#waiting) this.#supersede(waiting, newest)
    this.#newest = newest
  }

  #supersede(waiting: Waiting, newest: Map<string, Waiting>): void {
    if (waiting.key === null) return
    const older = newest.get(waiting.key)
    if (older) this.#remove(older)
    newest.set(waiting.key, waiting)
  }

  #reset(): void {
    this.clear()
    this.#add({ key: null, bytes: this.#resetFrame().bytes(this.#form) })
  }

  #add(waiting: Waiting): void {
    this.#waiting.add(waiting)
    this.#bytes += waiting.bytes.length
  }

  #remove(waiting: Waiting): void {
    if (this.#waiting.delete(waiting)) this.#bytes -= waiting.bytes.length
  }
}
