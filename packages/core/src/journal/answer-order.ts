/**
 * Makes answers come in the order of their questions. Commits may be answered out of order; a replay gives results in the order in which
 * they were recorded, and so must the first execution.
 */
export class AnswerOrder {
  #last: Promise<unknown> | null = null
  #waiting = 0

  /** Gives the answer once it and all before it are there. */
  async wait<T>(answer: Promise<T>): Promise<T> {
    const before = this.#waiting === 0 ? null : this.#last
    const turn = before === null ? answer : Promise.all([answer, before.catch(() => undefined)])
    this.#last = turn
    this.#waiting++
    try {
      await turn
      return await answer
    } finally {
      this.#waiting--
    }
  }
}
