/*
 * One connection of a worker, over any carrier: hello -> greeting -> active -> closed. What the worker says once it is welcome goes
 * to the message handler. A message that cannot be understood is answered, and never harms the engine.
 */
import { ERROR_CODES } from '../../errors/codes.ts'
import { PerfectError } from '../../errors/perfect-error.ts'
import type { PermitFlow } from './flow-announcement.ts'
import { greet } from './greeting.ts'
import { invalidField, isObject } from './message-fields.ts'
import { MessageHandler } from './message-handler.ts'
import type { EngineMessage, HelloMessage, WorkerMessage } from './messages.ts'
import { parseWorkerMessage } from './parse-message.ts'
import type { RemoteWorker, WorkerLink } from './remote-worker.ts'
import type { WorkerPool } from './worker-pool.ts'

/** How messages reach a worker. Calls after `close` do nothing. */
export interface WorkerCarrier {
  readonly kind: 'websocket' | 'http'
  /** Sends a message; messages arrive in this order. */
  send(message: EngineMessage): void
  /** Ends the connection; the carrier calls {@link WorkerSession.closed} then, or not. */
  close(code: number, reason: string): void
  /** What was sent and not taken by the network yet. Unit: bytes. */
  bufferedBytes?(): number
}

/** Who has opened a connection. */
interface SessionCaller {
  /** Throws when the worker may not run a flow; null when it may run all. */
  readonly permit: PermitFlow | null
  /** Name of the caller, to whom the id of the worker belongs; null when nobody was asked. */
  readonly owner: string | null
}

const PROTOCOL_VERSION = 1
// A worker that does not read gets no more runs above the first, and no more at all above the second.
const CLOGGED_BYTES = 1 << 20
const OVERFLOW_BYTES = 32 << 20
// Enough for a mistake in every kind of message; a worker that goes on is not one of ours.
const MAX_BAD_MESSAGES = 20

/** A connection of a worker. */
export class WorkerSession implements WorkerLink {
  readonly #pool: WorkerPool
  readonly #carrier: WorkerCarrier
  readonly #permit: PermitFlow | null
  readonly #owner: string | null
  readonly #onClosed: () => void
  #state: 'hello' | 'greeting' | 'active' | 'closed' = 'hello'
  #worker: RemoteWorker | null = null
  #handler: MessageHandler | null = null
  #badMessages = 0
  readonly #stopHelloTimer: () => void

  constructor(
    pool: WorkerPool,
    carrier: WorkerCarrier,
    { permit, owner, onClosed }: SessionCaller & { readonly onClosed: () => void },
  ) {
    this.#pool = pool
    this.#carrier = carrier
    this.#permit = permit
    this.#owner = owner
    this.#onClosed = onClosed
    this.#stopHelloTimer = pool.host.clock.setTimer(pool.times.helloMs, () =>
      this.close(4408, 'No hello came in time.'),
    )
  }

  /** What carries its messages. */
  get kind(): WorkerCarrier['kind'] {
    return this.#carrier.kind
  }

  get isActive(): boolean {
    return this.#state === 'active'
  }

  get isClogged(): boolean {
    return (this.#carrier.bufferedBytes?.() ?? 0) > CLOGGED_BYTES
  }

  /** Takes a message as text. */
  receiveText(text: string): void {
    let message: unknown
    try {
      message = JSON.parse(text)
    } catch {
      this.#refuse(invalidField('message', text, 'Send one JSON object.'), null)
      return
    }
    this.receive(message)
  }

  /** Takes a message out of `JSON.parse`. Nothing that it holds makes this throw. */
  receive(message: unknown): void {
    if (this.#state === 'closed') return
    const { clock } = this.#pool.host
    try {
      this.#worker?.heard({ wall: clock.now(), monotonic: clock.monotonic() })
      this.#take(parseWorkerMessage(message, clock.now()))
    } catch (error) {
      if (PerfectError.is(error, 'MESSAGE_INVALID')) this.#refuse(error, message)
      else this.#failed(error)
    }
  }

  /** The carrier has lost the connection. The runs wait for the worker until their leases end. */
  closed(): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#stopHelloTimer()
    const worker = this.#worker
    if (worker?.link === this) {
      worker.link = null
      this.#pool.changed(worker)
    }
    this.#onClosed()
  }

  /** Sends a message to the worker, once it is welcome. */
  send(message: EngineMessage): void {
    // Nothing comes before the welcome: what it says includes it.
    if (this.#state !== 'active' && message.type !== 'error') return
    if ((this.#carrier.bufferedBytes?.() ?? 0) > OVERFLOW_BYTES) this.close(4408, 'The worker does not read.')
    else this.#carrier.send(message)
  }

  /** Ends the connection with a close code of WebSocket. */
  close(code: number, reason: string): void {
    if (this.#state === 'closed') return
    this.closed()
    this.#carrier.close(code, reason)
  }

  #take(message: WorkerMessage): void {
    if (this.#state === 'hello') {
      if (message.type !== 'hello') throw invalidField('type', message.type, 'Send "hello" first.')
      this.#hello(message)
    } else if (this.#handler === null) throw invalidField('type', message.type, 'Wait for "welcome".')
    else this.#handler.take(message)
  }

  #hello(hello: HelloMessage): void {
    this.#stopHelloTimer()
    const { host, listener, isStopping } = this.#pool
    if (hello.protocol.min > PROTOCOL_VERSION || hello.protocol.max < PROTOCOL_VERSION) {
      const detail = `The engine speaks version ${String(PROTOCOL_VERSION)}. Use a worker that does, too.`
      this.#sendError({ code: 'bad_message', title: ERROR_CODES.PROTOCOL_UNSUPPORTED.title, detail, fatal: true })
      this.close(4426, detail)
      return
    }
    if (isStopping) return this.close(1001, 'The engine is stopping.')
    const worker = this.#pool.worker(hello.workerId, this.#owner)
    if (worker === null) return this.#refuseForeign(hello)
    this.#worker = worker
    this.#state = 'greeting'
    const monotonic = host.clock.monotonic()
    worker.connect(this, hello, { wall: host.clock.now(), monotonic })
    listener.due(monotonic + host.leaseMs)
    this.#pool.changed(worker)
    worker.greeting = worker.greeting.then(() => this.#greet(worker, hello))
  }

  /** Whoever took the id over would be handed the runs that the other one holds. */
  #refuseForeign({ workerId }: HelloMessage): void {
    const detail = `The worker id ${JSON.stringify(workerId.slice(0, 50))} belongs to another caller. Take another id.`
    this.#sendError({ code: 'bad_message', title: ERROR_CODES.FORBIDDEN.title, detail, fatal: true })
    this.close(4403, detail)
  }

  async #greet(worker: RemoteWorker, hello: HelloMessage): Promise<void> {
    if (this.#state !== 'greeting') return
    try {
      const welcome = await greet(this.#pool, worker, hello, this.#permit)
      if (this.#isClosed) return
      this.#handler = new MessageHandler(this.#pool, worker, (message) => this.send(message), this.#permit)
      this.#state = 'active'
      worker.isSuspect = false
      this.send(welcome)
      for (const run of worker.held.values()) if (run.journal.run.pausedAt !== null) run.tellPause()
      this.#pool.changed(worker)
      this.#pool.listener.freed()
    } catch (error) {
      this.#failed(error)
    }
  }

  get #isClosed(): boolean {
    return this.#state === 'closed'
  }

  #refuse(error: PerfectError, message: unknown): void {
    this.#badMessages++
    const fatal = this.#state === 'hello' || this.#badMessages > MAX_BAD_MESSAGES
    const type = isObject(message) ? message['type'] : undefined
    const re = typeof type === 'string' ? { re: type } : {}
    this.#sendError({
      ...re,
      code: 'bad_message',
      title: ERROR_CODES.MESSAGE_INVALID.title,
      detail: error.message,
      fatal,
    })
    if (type === 'run.events') this.#handler?.failRun(message, error)
    if (fatal) this.close(4400, error.message)
  }

  #failed(error: unknown): void {
    this.#pool.listener.report(error, 'talking to a worker')
    if (this.#isClosed) return
    const detail = 'The connection is closed. Connect again and go on.'
    this.#sendError({ code: 'internal', title: ERROR_CODES.INTERNAL.title, detail, fatal: true })
    this.close(1011, 'Something went wrong inside the engine.')
  }

  #sendError(error: Omit<Extract<EngineMessage, { readonly type: 'error' }>, 'type'>): void {
    this.send({ type: 'error', ...error })
  }
}
