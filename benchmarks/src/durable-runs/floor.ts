/*
 * The floor of durable runs: what this disk and SQLite allow when nothing is done but the writes. Each run waits for its row, then for
 * each of its three tasks, then for its end, as a durable run must; the writes of all runs in flight share transactions.
 */
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'

import { reportMeasurement, type Side } from '../harness/measure.ts'
import type { Write } from './floor-rows.ts'

const TASKS = ['first', 'second', 'third']

/** All that arrives while a transaction is on its way to the disk is the next transaction. */
class GroupCommit {
  readonly #worker: Worker
  #waiting: { readonly writes: readonly Write[]; readonly done: () => void }[] = []
  #isBusy = false

  constructor(worker: Worker) {
    this.#worker = worker
  }

  append(writes: readonly Write[]): Promise<void> {
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

function openFloor(folder: string): Promise<Side> {
  const worker = new Worker(new URL('floor-worker.ts', import.meta.url), {
    workerData: { path: join(folder, 'floor.db') },
  })
  const commit = new GroupCommit(worker)
  return Promise.resolve({
    run: async (index) => {
      const id = `run_${String(index).padStart(12, '0')}`
      const startedAt = Date.now()
      await commit.append([
        [0, [id, startedAt, startedAt]],
        [1, [id, String(index)]],
      ])
      for (const [position, name] of TASKS.entries()) {
        const place = position + 1
        const value = String(index + position)
        await commit.append([
          [2, [id, `${name}#1`, name, place, startedAt, Date.now(), value, place]],
          [3, [place / (TASKS.length + 1), id]],
        ])
      }
      await commit.append([
        [4, [Date.now(), id]],
        [5, [id, String(index + 3)]],
      ])
    },
    close: (runs) =>
      new Promise((resolve, reject) => {
        worker.once('message', (counts: { readonly runs: number; readonly tasks: number }) => {
          void worker.terminate()
          if (counts.runs === runs && counts.tasks === runs * TASKS.length) resolve()
          else reject(new Error(`The floor stored ${JSON.stringify(counts)} instead of ${String(runs)} runs.`))
        })
        worker.postMessage('close')
      }),
  })
}

await reportMeasurement(openFloor)
