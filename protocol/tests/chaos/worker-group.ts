import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

import { startPython } from '../python.ts'

const WORKER = new URL('chaos_worker.py', import.meta.url)
const STOPPED_MS = 1000
// In turn, so that each happens also in a short test.
const HARMS = ['SIGSTOP', 'SIGKILL', 'SIGTERM'] as const

/** Some Python workers: what is killed or ended is replaced at once, what is stopped goes on after a while. */
export class WorkerGroup {
  readonly counts = { killed: 0, stopped: 0, drained: 0 }
  readonly #args: readonly string[]
  readonly #random: () => number
  readonly #workers: ChildProcess[] = []
  #harms = 0
  readonly #leaving = new Set<ChildProcess>()
  readonly #stopped = new Map<ChildProcess, NodeJS.Timeout>()

  constructor(size: number, args: readonly string[], random: () => number) {
    this.#args = args
    this.#random = random
    for (let n = 0; n < size; n++) this.#spawn()
  }

  /** Does something to one of the workers. */
  harm(): void {
    const worker = this.#workers[Math.floor(this.#random() * this.#workers.length)]
    if (worker === undefined) return
    const harm = HARMS[this.#harms++ % HARMS.length] ?? 'SIGSTOP'
    if (harm !== 'SIGSTOP') this.#replace(worker, harm)
    else if (!this.#stopped.has(worker)) this.#stop(worker)
  }

  /** All go on; none is harmed any more. */
  calm(): void {
    for (const worker of this.#stopped.keys()) this.#continue(worker)
  }

  /** Waits until those that were told to end have ended. */
  async left(): Promise<void> {
    await Promise.all([...this.#leaving].map((worker) => once(worker, 'exit')))
  }

  kill(): void {
    this.calm()
    for (const worker of [...this.#workers, ...this.#leaving]) worker.kill('SIGKILL')
  }

  #spawn(): void {
    this.#workers.push(startPython(WORKER, this.#args))
  }

  #replace(worker: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): void {
    this.#continue(worker)
    this.#workers.splice(this.#workers.indexOf(worker), 1)
    this.#leaving.add(worker)
    worker.on('exit', () => this.#leaving.delete(worker))
    worker.kill(signal)
    this.counts[signal === 'SIGKILL' ? 'killed' : 'drained']++
    this.#spawn()
  }

  // Half of the stops are longer than the lease of the test.
  #stop(worker: ChildProcess): void {
    worker.kill('SIGSTOP')
    this.counts.stopped++
    const ms = STOPPED_MS * (0.5 + 2 * this.#random())
    this.#stopped.set(
      worker,
      setTimeout(() => this.#continue(worker), ms),
    )
  }

  #continue(worker: ChildProcess): void {
    clearTimeout(this.#stopped.get(worker))
    this.#stopped.delete(worker)
    worker.kill('SIGCONT')
  }
}
