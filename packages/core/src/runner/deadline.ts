import type { RunJournal } from '../journal/run-journal.ts'
import { callAt } from '../primitives/call-at.ts'
import type { Clock } from '../primitives/clock.ts'
import { timeoutStop, type RunStop } from './run-stop.ts'

/** Until when a run may take. Waiting counts, also for people; the time in the queue before its first start does not. */
export class Deadline {
  /** null: as long as it needs. */
  readonly at: number | null
  readonly #clock: Clock
  #stop: (() => void) | null = null

  constructor({ run, definition }: RunJournal, clock: Clock) {
    const { timeoutMs } = definition
    this.at = timeoutMs === null || run.startedAt === null ? null : run.startedAt + timeoutMs
    this.#clock = clock
  }

  /** Tells when the time is over; at once when it is. */
  keep({ run, definition }: RunJournal, tell: (stop: RunStop) => void): void {
    if (this.at === null) return
    const end = (): void => tell(timeoutStop(run.id, definition.timeoutMs ?? 0))
    if (this.at <= this.#clock.now()) end()
    else this.#stop = callAt(this.#clock, this.at, end)
  }

  stop(): void {
    this.#stop?.()
  }
}
