import type { EventFrame } from './event-frame.ts'

/**
 * What one reader of the live stream has not taken yet, bounded in bytes. A reader that is too slow first loses what newer events make
 * worthless (an older state of the same run or task), and when that does not help, everything: `reset` tells it to fetch anew.
 */
export class EventQueue {
  readonly #maxBytes: number
  readonly #resetFrame: () => EventFrame
  // In the order of arrival; a set removes from the middle at no cost.
  readonly #frames = new Set<EventFrame>()
  // Newest waiting frame of each key; kept only while the queue is full of superseded ones.
  #newest: Map<string, EventFrame> | null = null
  #bytes = 0

  /**
   * @param maxBytes Range: >= 1.
   * @param resetFrame Makes the frame that stands for everything dropped so far.
   */
  constructor(maxBytes: number, resetFrame: () => EventFrame) {
    this.#maxBytes = maxBytes
    this.#resetFrame = resetFrame
  }

  get isEmpty(): boolean {
    return this.#frames.size === 0
  }

  /** Unit: bytes. Range: 0..`maxBytes` and one reset frame. */
  get bytes(): number {
    return this.#bytes
  }

  push(frame: EventFrame): void {
    // A frame of this object may wait already, since frames are shared.
    const own = { ...frame }
    if (this.#newest) this.#supersede(own, this.#newest)
    this.#add(own)
    if (this.#bytes > this.#maxBytes && this.#newest === null) this.#coalesce()
    if (this.#bytes > this.#maxBytes) this.#reset()
  }

  /** Takes the oldest frames as text, up to about `maxBytes` but at least one; `''` when there is none. */
  take(maxBytes: number): string {
    let text = ''
    for (const frame of this.#frames) {
      if (text !== '' && text.length + frame.text.length > maxBytes) break
      text += frame.text
      this.#remove(frame)
    }
    if (this.isEmpty) this.#newest = null
    return text
  }

  /** Keeps the newest frame of each key; from now on, until the reader has caught up, a new one replaces its predecessor. */
  #coalesce(): void {
    const newest = new Map<string, EventFrame>()
    for (const frame of this.#frames) this.#supersede(frame, newest)
    this.#newest = newest
  }

  #supersede(frame: EventFrame, newest: Map<string, EventFrame>): void {
    if (frame.key === null) return
    const older = newest.get(frame.key)
    if (older) this.#remove(older)
    newest.set(frame.key, frame)
  }

  #reset(): void {
    this.#frames.clear()
    this.#newest = null
    this.#bytes = 0
    this.#add(this.#resetFrame())
  }

  #add(frame: EventFrame): void {
    this.#frames.add(frame)
    this.#bytes += Buffer.byteLength(frame.text)
  }

  #remove(frame: EventFrame): void {
    if (this.#frames.delete(frame)) this.#bytes -= Buffer.byteLength(frame.text)
  }
}
