import type { Clock } from '../primitives/clock.ts'
import type { ClientUsageView } from './client-view.ts'
import type { ProcessUsage, RunningProcess } from './process-adapter.ts'

// Often enough to see a leak or a busy loop, seldom enough that looking costs nothing.
const SAMPLE_MS = 5000
// Five minutes.
const MAX_SAMPLES = 60

/** What the process of a client uses, sampled while it runs. */
export class ClientUsage {
  readonly #clock: Clock
  readonly #told: () => void
  #process: RunningProcess | null = null
  #samples: readonly ClientUsageView[] = []
  #last = { cpuMs: 0, at: 0 }
  #stopTimer: () => void = () => undefined

  /** @param told Called after each sample. */
  constructor(clock: Clock, told: () => void) {
    this.#clock = clock
    this.#told = told
  }

  /** Oldest first. */
  get samples(): readonly ClientUsageView[] {
    return this.#samples
  }

  /** A process has started. */
  watch(process: RunningProcess): void {
    this.#process = process
    this.#samples = []
    this.#last = { cpuMs: 0, at: this.#clock.monotonic() }
    this.#lookLater(process)
  }

  /** It has ended; what it used last stays to be seen. */
  stop(): void {
    this.#process = null
    this.#stopTimer()
  }

  #lookLater(process: RunningProcess): void {
    this.#stopTimer = this.#clock.setTimer(SAMPLE_MS, () => void this.#look(process))
  }

  async #look(process: RunningProcess): Promise<void> {
    const usage = await (process.usage?.() ?? null)
    if (this.#process !== process) return
    if (usage !== null) this.#add(usage)
    this.#told()
    this.#lookLater(process)
  }

  #add({ cpuMs, memoryBytes, processes }: ProcessUsage): void {
    const at = this.#clock.monotonic()
    // A process that has ended takes its time with it.
    const cpu = Math.max(0, cpuMs - this.#last.cpuMs) / Math.max(1, at - this.#last.at)
    this.#last = { cpuMs, at }
    const sample = { at: new Date(this.#clock.now()).toISOString(), cpu, memoryBytes, processes }
    this.#samples = [...this.#samples.slice(1 - MAX_SAMPLES), sample]
  }
}
