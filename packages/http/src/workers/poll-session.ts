import { WORKER_LIMITS, type EngineMessage, type WorkerCarrier, type WorkerSession } from '@perfect/core'

/** What a poll brings. `text`: the JSON of the answer. */
export interface PollAnswer {
  readonly text: string
  /** The session is over, and the worker has been told. */
  readonly isLast: boolean
}

interface Waiting {
  readonly n: number
  readonly text: string
}

/**
 * One session of the HTTP carrier: keeps what is sent to a worker until the worker says that it has it. States: open -> closed, with
 * the reason kept for the next poll.
 */
export class PollSession implements WorkerCarrier {
  readonly kind = 'http'
  /** The engine's side, set by whoever opens the session. */
  session: WorkerSession | null = null
  #outbox: Waiting[] = []
  #count = 0
  #bytes = 0
  #closed: { readonly code: number; readonly reason: string } | null = null
  #wake: (() => void) | null = null

  get isClosed(): boolean {
    return this.#closed !== null
  }

  send(message: EngineMessage): void {
    const text = JSON.stringify(message)
    this.#outbox.push({ n: ++this.#count, text })
    this.#bytes += text.length
    // What is sent together arrives together.
    setImmediate(() => this.#wake?.())
  }

  close(code: number, reason: string): void {
    this.#closed ??= { code, reason }
    this.#wake?.()
  }

  bufferedBytes(): number {
    return this.#bytes
  }

  /**
   * Waits until there is something after message number `after`, at most `waitMs`. What the worker has is forgotten. A new poll ends
   * the one before, which nobody waits for any more.
   */
  async poll(after: number, waitMs: number, signal: AbortSignal): Promise<PollAnswer> {
    this.#forget(after)
    this.#wake?.()
    if (this.#outbox.length === 0 && this.#closed === null && !signal.aborted) await this.#wait(waitMs, signal)
    return this.#answer()
  }

  #wait(waitMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        if (this.#wake === wake) this.#wake = null
        clearTimeout(timer)
        signal.removeEventListener('abort', wake)
        resolve()
      }
      const timer = setTimeout(wake, waitMs)
      signal.addEventListener('abort', wake)
      this.#wake = wake
    })
  }

  #forget(after: number): void {
    this.#outbox = this.#outbox.filter(({ n, text }) => {
      if (n <= after) this.#bytes -= text.length
      return n > after
    })
  }

  #answer(): PollAnswer {
    const parts: string[] = []
    let size = 0
    for (const { n, text } of this.#outbox) {
      size += text.length
      if (parts.length > 0 && size > WORKER_LIMITS.maxMessageBytes) break
      parts.push(`{"n":${String(n)},"message":${text}}`)
    }
    const isLast = this.#closed !== null && parts.length === this.#outbox.length
    const closed = isLast ? `,"closed":${JSON.stringify(this.#closed)}` : ''
    return { text: `{"messages":[${parts.join(',')}]${closed}}`, isLast }
  }
}
