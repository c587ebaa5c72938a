import type { RunRecord } from '../storage/records.ts'
import { announceCancel } from './cancel-run.ts'
import type { EngineParts } from './engine-parts.ts'

// Other processes cannot tell us; a second is soon enough for people.
const POLL_MS = 1000
// How many long runs are looked after each time; with more, each has its turn less often.
const MAX_CHECKS = 20

/** Hears what other processes of the same storage ask of the runs that this engine holds: to end, to pause, to take a signal. */
export class RunRequests {
  readonly #parts: EngineParts
  #known: ReadonlySet<string> = new Set()
  /** Runs that were held at the last look. */
  #held: ReadonlySet<string> = new Set()
  #turn = 0
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
    const { active, report } = this.#parts
    try {
      if (active.driven > 0) await this.#lookAtRequests()
      await this.#lookForEnded()
      for (const execution of active.executions()) execution.poke()
    } catch (error) {
      // Of a storage that was closed meanwhile nobody wants to know.
      if (this.#isOpen) report(error, 'looking for requests of other processes')
    }
    this.#lookLater()
  }

  async #lookAtRequests(): Promise<void> {
    const { active, storage, id, clock } = this.#parts
    const requested = await storage.runs.requested(id)
    for (const run of requested) {
      if (this.#known.has(toText(run))) continue
      if (run.cancelRequestedAt !== null) announceCancel(this.#parts, run, clock.now())
      else active.execution(run.id)?.pause()
    }
    this.#known = new Set(requested.map(toText))
  }

  // A run that was ended by force is nobody's: the storage lists it no more, and one whose task takes long would not notice.
  async #lookForEnded(): Promise<void> {
    const { active, storage } = this.#parts
    const held = active.executions().map(({ journal }) => journal)
    const long = held.filter(({ run }) => this.#held.has(run.id))
    this.#held = new Set(held.map(({ run }) => run.id))
    this.#turn = this.#turn < long.length ? this.#turn : 0
    const checked = long.slice(this.#turn, this.#turn + MAX_CHECKS)
    this.#turn += checked.length
    for (const journal of checked) {
      const run = await storage.runs.get(journal.run.id)
      if (run?.epoch !== journal.run.epoch) journal.abandon()
    }
  }
}

function toText({ id, epoch, cancelRequestedAt, pausedAt }: RunRecord): string {
  return JSON.stringify([id, epoch, cancelRequestedAt, pausedAt])
}
