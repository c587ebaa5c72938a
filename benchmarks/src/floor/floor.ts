/*
 * The floor of durable runs: what this disk and SQLite allow when nothing is done but the writes. Those of all runs in flight share
 * transactions, and a thread of its own makes them.
 */
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'

import type { Write } from './rows.ts'

interface Entry {
  readonly writes: readonly Write[]
  readonly done: () => void
}

// As long as what the API writes down of a trigger.
const FACTS = JSON.stringify({ input: { sha256: '0'.repeat(64), bytes: 1 }, configuration: 'release' })

/** Writes the rows of runs; each method settles when they are on the disk. */
export class Floor {
  readonly #worker: Worker
  #waiting: Entry[] = []
  #isBusy = false

  constructor(folder: string) {
    this.#worker = new Worker(new URL('worker.ts', import.meta.url), { workerData: { path: join(folder, 'floor.db') } })
  }

  createRun(id: string, input: string, entry: readonly Write[] = []): Promise<void> {
    const at = Date.now()
    return this.#append([[0, [id, at, at, at]], [1, [id, input]], ...entry])
  }

  /** A run together with who has started it. */
  createRunFor(id: string, input: string, requestId: string): Promise<void> {
    const at = Date.now()
    return this.createRun(id, input, [[5, [id.replace('run', 'aud'), at, requestId, id, FACTS, at]]])
  }

  /** @param place Range: >= 1. @param count Number of tasks of the run. */
  putTask(id: string, name: string, place: number, count: number, value: string): Promise<void> {
    const at = Date.now()
    return this.#append([[2, [id, `${name}#1`, name, place, place, place / (count + 1), at, at, `[${value}]`, value]]])
  }

  finishRun(id: string, tasks: number, result: string): Promise<void> {
    return this.#append([
      [3, [Date.now(), tasks, id]],
      [4, [id, result]],
    ])
  }

  /** Ends it; throws unless exactly these runs and tasks are stored. */
  close(runs: number, tasks: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#worker.once('message', (counts: { readonly runs: number; readonly tasks: number }) => {
        void this.#worker.terminate()
        if (counts.runs === runs && counts.tasks === tasks) resolve()
        else reject(new Error(`The floor stored ${JSON.stringify(counts)} instead of ${String(runs)} runs.`))
      })
      this.#worker.postMessage('close')
    })
  }

  // All that arrives while a transaction is on its way to the disk is the next transaction.
  #append(writes: readonly Write[]): Promise<void> {
    return new Promise((done) => {
      this.#waiting.push({ writes, done })
      if (this.#isBusy) return
      this.#isBusy = true
      queueMicrotask(() => this.#flush())
    })
  }

  #flush(): void {
    const batch = this.#waiting.splice(0)
    this.#isBusy = batch.length > 0
    if (!this.#isBusy) return
    this.#worker.once('message', () => {
      for (const entry of batch) entry.done()
      this.#flush()
    })
    this.#worker.postMessage(batch.flatMap((entry) => entry.writes))
  }
}

/** An identifier as long as those of the engine. */
export function floorRunId(index: number): string {
  return `run_${String(index).padStart(26, '0')}`
}
