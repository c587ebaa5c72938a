interface Turn {
  act: (() => void) | null
}

/**
 * Makes answers come in the order of their questions. Commits may be answered out of order; a replay gives results in the order in which
 * they were recorded, and so must the first execution.
 */
export class AnswerOrder {
  readonly #line: Turn[] = []

  /** A question is asked; gives what is to be called with its answer, which is acted on once all before it were. */
  ask(): (act: () => void) => void {
    const turn: Turn = { act: null }
    this.#line.push(turn)
    return (act) => {
      turn.act = act
      for (let next = this.#line[0]; next?.act; next = this.#line[0]) {
        this.#line.shift()
        next.act()
      }
    }
  }
}
