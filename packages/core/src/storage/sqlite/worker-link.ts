import { Worker } from 'node:worker_threads'

import { PerfectError } from '../../errors/perfect-error.ts'
import { deserializeError } from '../../errors/serialized-error.ts'
import type { Answer, Args, Operation, Reply, Request, SentError } from './messages.ts'
import type { DatabaseOptions } from './open-database.ts'

interface Waiting {
  readonly resolve: (answer: never) => void
  readonly reject: (error: unknown) => void
}

/** The host's side of the thread that has the database open. Requests are answered in their order. */
export class WorkerLink {
  readonly #options: DatabaseOptions
  #worker: Worker | null = null
  #waiting: Waiting[] = []
  /** Why there can be no further thread: the database was in the memory of the one that died. */
  #loss: PerfectError | null = null

  constructor(options: DatabaseOptions) {
    this.#options = options
  }

  /** Asks the thread; starts it when it does not run, also after it has died. */
  request<O extends Operation>(operation: O, args: Args<O>, now: number): Promise<Answer<O>> {
    if (this.#loss !== null) return Promise.reject(this.#loss)
    const worker = (this.#worker ??= this.#start())
    const request: Request = [operation, args, now]
    return new Promise((resolve, reject) => {
      const text = JSON.stringify(request)
      // An idle storage does not keep its process alive; one that owes an answer does.
      if (this.#waiting.length === 0) worker.ref()
      this.#waiting.push({ resolve, reject })
      worker.postMessage(text)
    })
  }

  /** Closes the database and ends the thread, after all requests so far. */
  async close(): Promise<void> {
    const worker = this.#worker
    if (worker === null) return
    const ended = new Promise((resolve) => worker.once('exit', resolve))
    await this.request('close', null, 0)
    worker.ref()
    await ended
  }

  #start(): Worker {
    const file = import.meta.url.endsWith('.ts') ? './worker.ts' : './sqlite-worker.js'
    const worker = new Worker(new URL(file, import.meta.url), {
      name: 'perfect-sqlite',
      workerData: this.#options,
      // The host's own flags, such as its inspector or its test loader, are not meant for this thread.
      execArgv: [],
    })
    worker.on('message', (text: string) => this.#settle(worker, JSON.parse(text) as Reply))
    let fault: unknown
    worker.on('error', (error) => {
      fault = error
    })
    worker.once('exit', (code) => this.#abandon(worker, code, fault))
    worker.unref()
    return worker
  }

  #settle(worker: Worker, [status, content]: Reply): void {
    const waiting = this.#waiting.shift()
    if (this.#waiting.length === 0) worker.unref()
    if (status === 'done') waiting?.resolve(content as never)
    else waiting?.reject(receivedError(content))
  }

  #abandon(worker: Worker, code: number, fault: unknown): void {
    if (this.#worker === worker) this.#worker = null
    const { path } = this.#options
    const isLost = path === ':memory:'
    const error = new PerfectError(
      'STORAGE_UNAVAILABLE',
      `The thread of the database "${path}" has ended with code ${String(code)}. ` +
        (isLost ? 'What was in its memory is lost. Open a new storage.' : 'The next call starts it again.'),
      { details: { path, exitCode: code }, cause: fault },
    )
    if (isLost) this.#loss = error
    for (const { reject } of this.#waiting.splice(0)) reject(error)
  }
}

function receivedError({ code, message, details, cause }: SentError): PerfectError {
  return new PerfectError(code, message, { details, ...(cause !== null && { cause: deserializeError(cause) }) })
}
