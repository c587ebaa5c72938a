import type { Clock } from '../primitives/clock.ts'

/** Work that a run has found on its way. */
export interface FoundWork {
  readonly tasks: number
  /** Unit: ms since 1970 UTC. */
  readonly at: number
}

// Several maps that start together are one piece of news.
const TOGETHER_MS = 1000

/** Remembers the work that a run found last. */
export class FoundTasks {
  readonly #clock: Clock
  readonly #tell: () => void
  #newest: FoundWork | null = null

  /** @param tell Called when there is news. */
  constructor(clock: Clock, tell: () => void) {
    this.#clock = clock
    this.#tell = tell
  }

  /** null when none was found. */
  get newest(): FoundWork | null {
    return this.#newest
  }

  /** A map has brought tasks that were not known before. One is not worth telling. */
  add(tasks: number): void {
    if (tasks < 2) return
    const at = this.#clock.now()
    const last = this.#newest
    const isTogether = last !== null && Math.abs(at - last.at) < TOGETHER_MS
    this.#newest = isTogether ? { tasks: last.tasks + tasks, at: last.at } : { tasks, at }
    this.#tell()
  }
}
