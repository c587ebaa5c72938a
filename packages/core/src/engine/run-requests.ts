import type { RunRecord } from '../storage/records.ts'
import { announceCancel } from './cancel-run.ts'
import type { EngineParts } from './engine-parts.ts'

// Other processes cannot tell us; a second is soon enough for people.
const POLL_MS = 1000

/** Hears what other processes of the same storage ask of the runs that this engine holds: to end, to pause, to take a signal. */
export class RunRequests {
  readonly #parts: EngineParts
  #known: ReadonlySet<string> = new Set()
  #stopTimer: (() => void) | null = null
  #isOpen = false

  constructor(parts: EngineParts) {
    this.#parts = parts
  }

  open(): void {
    this.#isOpen = this.#parts.storage.capabilities.multiProcess
    this.#lookLater()
  }

  close(): void {
    this.#isOpen = false
    this.#stopTimer?.()
  }

  #lookLater(): void {
    if (this.#isOpen) this.#stopTimer = this.#parts.clock.setTimer(POLL_MS, () => void this.#look())
  }

  async #look(): Promise<void> {
    const { active, storage, id, report, clock } = this.#parts
    try {
      if (active.driven > 0) {
        const requested = await storage.runs.requested(id)
        for (const run of requested) {
          if (this.#known.has(toText(run))) continue
          if (run.cancelRequestedAt !== null) announceCancel(this.#parts, run, clock.now())
          else active.execution(run.id)?.pause()
        }
        this.#known = new Set(requested.map(toText))
        for (const execution of active.executions()) execution.poke()
      }
    } catch (error) {
      report(error, 'looking for requests of other processes')
    }
    this.#lookLater()
  }
}

function toText({ id, epoch, cancelRequestedAt, pausedAt }: RunRecord): string {
  return JSON.stringify([id, epoch, cancelRequestedAt, pausedAt])
}
