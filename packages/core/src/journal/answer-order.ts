/**
 * Makes answers come in the order of their questions. Commits may be answered out of order; a replay gives results in the order in which
 * they were recorded, and so must the first execution.
 */
export class AnswerOrder {
  #last: Promise<unknown> | null = null

  /** Gives the answer once it and all before it are there. */
  async wait<T>(answer: Promise<T>): Promise<T> {
    const both = Promise.all([answer, this.#last])
    this.#last = both.catch(() => undefined)
    return (await both)[0]
  }
}
