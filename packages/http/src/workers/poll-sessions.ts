import { randomUUID } from 'node:crypto'

import { PerfectError, type FlowEngine, type PermitFlow } from '@perfect/core'

import { PollSession } from './poll-session.ts'

interface Entry {
  readonly poll: PollSession
  /** Name of the caller that opened it; nobody else finds it. */
  readonly owner: string | null
  /** Polls that wait now. */
  polls: number
  stopTimer: () => void
}

/** The open sessions of the HTTP carrier. One that is not polled for the time of a lease is over. */
export class PollSessions {
  readonly #engine: FlowEngine
  readonly #entries = new Map<string, Entry>()

  constructor(engine: FlowEngine) {
    this.#engine = engine
  }

  /** Opens a session and gives its identifier. */
  open(owner: string | null, permit: PermitFlow): string {
    const id = `wses_${randomUUID().replaceAll('-', '')}`
    const poll = new PollSession()
    const entry: Entry = { poll, owner, polls: 0, stopTimer: () => undefined }
    this.#entries.set(id, entry)
    poll.session = this.#engine.workers.open(poll, { permit, owner })
    this.#expect(id, entry)
    return id
  }

  /** Hands messages of the worker to the engine. @throws {PerfectError} SESSION_NOT_FOUND */
  receive(id: string, owner: string | null, messages: readonly unknown[]): void {
    const { poll } = this.#get(id, owner)
    // A session that the engine has closed takes them, too: the next poll says why it is over.
    for (const message of messages) poll.session?.receive(message)
  }

  /** Waits for messages to the worker; gives the JSON of the answer. @throws {PerfectError} SESSION_NOT_FOUND */
  async poll(
    id: string,
    owner: string | null,
    { after, waitMs, signal }: { readonly after: number; readonly waitMs: number; readonly signal: AbortSignal },
  ): Promise<string> {
    const entry = this.#get(id, owner)
    entry.stopTimer()
    entry.polls++
    const { text, isLast } = await entry.poll.poll(after, waitMs, signal)
    entry.polls--
    if (isLast && !signal.aborted) this.#remove(id, entry)
    else if (entry.polls === 0) this.#expect(id, entry)
    return text
  }

  /** Ends a session at the worker's wish. @throws {PerfectError} SESSION_NOT_FOUND */
  close(id: string, owner: string | null): void {
    this.#remove(id, this.#get(id, owner))
  }

  #expect(id: string, entry: Entry): void {
    const timer = setTimeout(() => this.#remove(id, entry), this.#engine.workers.leaseMs)
    timer.unref()
    entry.stopTimer = () => clearTimeout(timer)
  }

  #remove(id: string, { poll, stopTimer }: Entry): void {
    stopTimer()
    this.#entries.delete(id)
    poll.session?.closed()
    poll.close(1000, 'The session was closed.')
  }

  #get(id: string, owner: string | null): Entry {
    const entry = this.#entries.get(id)
    if (entry && entry.owner === owner) return entry
    throw new PerfectError(
      'SESSION_NOT_FOUND',
      'No such worker session is open. Open a new one and say hello: the runs go on.',
    )
  }
}
