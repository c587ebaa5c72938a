import type { WorkerView } from '../views.ts'
import type { EngineMessage, HelloMessage } from './messages.ts'
import type { WorkerRun } from './worker-run.ts'

/** What a worker needs of its connection. */
export interface WorkerLink {
  readonly kind: 'websocket' | 'http'
  /** Whether the worker was welcomed, so that it may get runs. */
  readonly isActive: boolean
  /** Whether so much waits to be read by the worker that it gets no runs. */
  readonly isClogged: boolean
  send(message: EngineMessage): void
  close(code: number, reason: string): void
}

// Enough for answers that were lost with a connection; older ones are looked up in the storage.
const MAX_ENDED = 100

/** One process that runs flows, over all of its connections. */
export class RemoteWorker {
  readonly id: string
  /** Who may connect as this worker, for as long as it is known: the caller that did so first; null when nobody was asked. */
  readonly owner: string | null
  /** The runs that it holds, by id. */
  readonly held: Map<string, WorkerRun> = new Map()
  /** Flows that it can run. */
  flowIds: ReadonlySet<string> = new Set()
  link: WorkerLink | null = null
  /** Takes no more runs, because it is about to end. */
  isDraining = false
  /** Somebody asked that it takes no more runs; a new connection does not change that. */
  isHeldBack = false
  /** A lease of it ran out: it gets no runs until it is heard of again. */
  isSuspect = false
  /** Gets no runs before. Unit: ms of the monotonic clock. */
  pausedUntil: number = -Infinity
  /** Last time that it was heard of. Unit: ms of the monotonic clock. */
  heardAt: number = -Infinity
  /** Ends when the hellos so far are answered: they are handled one after the other. */
  greeting: Promise<void> = Promise.resolve()
  slots = 0
  labels: Readonly<Record<string, string>> = {}
  readonly #ended = new Map<string, { readonly epoch: number; readonly eventSeq: number }>()
  #name = ''
  #sdk = ''
  #kind: WorkerLink['kind'] = 'websocket'
  #connectedAt = 0
  #lastSeenAt = 0

  constructor(id: string, owner: string | null) {
    this.id = id
    this.owner = owner
  }

  /** A connection said hello. The newest one counts: one before it is closed. */
  connect(link: WorkerLink, hello: HelloMessage, now: { readonly wall: number; readonly monotonic: number }): void {
    const before = this.link
    this.link = link
    if (before !== null && before !== link) before.close(4409, 'A newer connection of this worker took over.')
    this.slots = hello.slots
    this.labels = hello.labels
    this.isDraining = hello.draining
    this.#name = hello.name
    this.#sdk = hello.sdk
    this.#kind = link.kind
    this.#connectedAt = now.wall
    this.heard(now)
  }

  /** The worker sent something. */
  heard({ wall, monotonic }: { readonly wall: number; readonly monotonic: number }): void {
    this.heardAt = monotonic
    this.#lastSeenAt = wall
  }

  /** Whether it may get one more run. */
  canTake(monotonic: number): boolean {
    const isReachable = this.link?.isActive === true && !this.link.isClogged
    const isWilling = !this.isDraining && !this.isHeldBack && !this.isSuspect && monotonic >= this.pausedUntil
    return isReachable && isWilling && this.held.size < this.slots && this.flowIds.size > 0
  }

  send(message: EngineMessage): void {
    this.link?.send(message)
  }

  /** Remembers that it ended a run, so that the answer can be given again. */
  ended(runId: string, epoch: number, eventSeq: number): void {
    this.#ended.set(runId, { epoch, eventSeq })
    const [oldest] = this.#ended.keys()
    if (this.#ended.size > MAX_ENDED && oldest !== undefined) this.#ended.delete(oldest)
  }

  /** Number of the last event of a run that it ended; undefined when it did not, or long ago. */
  endedAt(runId: string, epoch: number): number | undefined {
    const ended = this.#ended.get(runId)
    return ended?.epoch === epoch ? ended.eventSeq : undefined
  }

  get view(): WorkerView {
    return {
      id: this.id,
      name: this.#name,
      status: this.#status,
      carrier: this.#kind,
      flows: [...this.flowIds],
      slots: this.slots,
      busy: this.held.size,
      connectedAt: new Date(this.#connectedAt).toISOString(),
      lastSeenAt: new Date(this.#lastSeenAt).toISOString(),
      sdk: this.#sdk,
    }
  }

  get #status(): WorkerView['status'] {
    if (this.isSuspect) return 'suspect'
    if (this.link === null) return 'offline'
    return this.isDraining || this.isHeldBack ? 'draining' : 'online'
  }
}
