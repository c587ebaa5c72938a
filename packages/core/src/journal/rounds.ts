/** How often a run has come to a segment, and how often it will: a loop comes to its tasks again and again. */
export class Rounds {
  #seen = 0
  #isClosed = false

  get seen(): number {
    return this.#seen
  }

  /** The run comes to it, once more. */
  add(): void {
    this.#seen++
    this.#isClosed = false
  }

  /** The run has gone on to what comes after. */
  close(): void {
    this.#isClosed = true
  }

  /**
   * By how much all rounds are more than those that were seen. Range: >= 1.
   *
   * @param expected How often runs come to it; null when that is not known.
   * @param isLast Whether nothing is known to come after, so that the run may come back.
   */
  stretch(expected: number | null, isLast: boolean): number {
    if (this.#isClosed || this.#seen === 0) return 1
    // What has come twice may come a third time.
    const unknown = this.#seen > 1 || isLast ? 1 : 0
    const more = expected === null ? unknown : Math.max(0, expected - this.#seen)
    return 1 + more / this.#seen
  }
}
