import type { EngineEventName, EngineEvents, RunView } from '@perfect/core'

import { ApiError, toApiError } from '../api/api-error.ts'
import type { ClientAction, DashboardClient, RunQuery, StreamMessage } from '../api/dashboard-client.ts'
import {
  emptyState,
  type DashboardState,
  type LiveEvent,
  type Part,
  type StateMessage,
} from '../state/dashboard-state.ts'
import { reduce, reduceEvents } from '../state/reduce.ts'
import { ACTIVE_STATUSES, isFinal } from '../state/runs.ts'
import { nextStart } from '../state/schedules.ts'
import { LiveConnection, type ConnectionView } from './live-connection.ts'

/*
 * The one place that holds data: read once over REST, then kept up to date by the live stream. Elements share a store, select
 * what they show from its immutable state, and are told at most once per frame that it changed.
 */

/** Topics that are always followed. */
const TOPICS = ['runs', 'flows', 'clients', 'workers']
/** Finished runs read at the start, for the overview and the bars of the flows. Unit: runs. */
const RECENT_RUNS = 100
/** Frames do not come while the page is hidden; then changes are gathered for this long. Unit: ms. */
const HIDDEN_FLUSH_MS = 500

/** How long after the start of a scheduled flow its next one is asked for. Unit: ms. The engine needs a moment to start it. */
const AFTER_START_MS = 500
/** Longest timer that browsers keep. Unit: ms. A longer one would end at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** Listener of one kind of live event. */
export type EventListenerOf<N extends EngineEventName> = (data: EngineEvents[N]) => void

/** Data of one engine, live. Fires `change` when `state` or `connection` did, and `unauthorized` when the API asks who is there. */
export class LiveStore extends EventTarget {
  readonly client: DashboardClient
  readonly #connection: LiveConnection
  readonly #watched = new Map<string, number>()
  readonly #listeners = new Map<EngineEventName, Set<(data: never) => void>>()
  #state = emptyState
  #queue: LiveEvent[] = []
  #isFlushing = false
  #snapshots = 0
  #users = 0
  #serverOffsetMs = 0
  #startTimer: ReturnType<typeof setTimeout> | undefined

  constructor(client: DashboardClient) {
    super()
    this.client = client
    this.#connection = new LiveConnection(client, {
      onMessage: (message, isResumed) => {
        this.#receive(message, isResumed)
      },
      onChange: () => {
        this.dispatchEvent(new Event('change'))
      },
    })
  }

  get state(): DashboardState {
    return this.#state
  }

  get connection(): ConnectionView {
    return this.#connection.view
  }

  /** The server's clock now, so that durations do not depend on the viewer's. Unit: ms since 1970. */
  now(): number {
    return Date.now() + this.#serverOffsetMs
  }

  /** Starts with the first user and stops with the last. Gives the function that lets go. */
  acquire(): () => void {
    if (this.#users++ === 0) {
      this.#connection.start(this.#topics())
      // The stream's greeting reads everything; if a proxy holds the stream back, the data must not wait for it.
      setTimeout(() => {
        if (this.#snapshots === 0) void this.refresh()
      }, 1000)
    }
    return once(() => {
      if (--this.#users > 0) return
      this.#connection.stop()
      clearTimeout(this.#startTimer)
    })
  }

  /** Follows the tasks and the log of a run and reads its detail. Gives the function that lets go. */
  watchRun(runId: string): () => void {
    const users = this.#watched.get(runId) ?? 0
    this.#watched.set(runId, users + 1)
    if (users === 0) {
      this.#connection.setTopics(this.#topics())
      void this.loadDetail(runId)
    }
    return once(() => {
      const left = (this.#watched.get(runId) ?? 1) - 1
      if (left > 0) this.#watched.set(runId, left)
      else {
        this.#watched.delete(runId)
        this.#connection.setTopics(this.#topics())
        this.#apply({ type: 'forget', runId })
      }
    })
  }

  /** Calls back with every live event of a kind, in order. Gives the function that stops it. */
  listen<N extends EngineEventName>(name: N, listener: EventListenerOf<N>): () => void {
    const listeners = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, listeners.add(listener))
    return () => {
      listeners.delete(listener)
    }
  }

  /** Reads everything anew. Live events that arrive meanwhile are applied on top of what was read. */
  async refresh(): Promise<void> {
    this.#snapshots++
    await Promise.all([
      this.#load('info'),
      this.#load('flows'),
      this.#load('runs'),
      this.#load('clients'),
      this.#load('workers'),
      ...[...this.#watched.keys()].map(async (runId) => {
        await this.loadDetail(runId)
      }),
    ])
    this.#snapshots--
    this.#flushSoon()
  }

  /** Reads one part again, after it failed. */
  async retry(part: Part): Promise<void> {
    await this.#load(part)
  }

  /** Connects at once instead of waiting for the next attempt. */
  reconnect(): void {
    this.#connection.retryNow()
  }

  /** Reads a run with its tasks. */
  async loadDetail(runId: string): Promise<void> {
    await this.#try(runId, async () => ({ type: 'detail', detail: await this.client.getRun(runId) }))
  }

  /** Reads a page of a list of runs into the state. */
  async loadRuns(query: RunQuery): Promise<{ readonly items: readonly RunView[]; readonly nextCursor: string | null }> {
    const page = await this.#guard(async () => this.client.getRuns(query))
    this.#apply({ type: 'runs', items: page.items, isSnapshot: false })
    return page
  }

  /** Runs a command and shows the run it answers with before the live event arrives. */
  async commandRun(command: (client: DashboardClient) => Promise<RunView>): Promise<RunView> {
    const run = await this.#guard(async () => command(this.client))
    this.#apply({ type: 'runs', items: [run], isSnapshot: false })
    return run
  }

  /** Starts, stops or restarts a client process. */
  async commandClient(clientId: string, action: ClientAction): Promise<void> {
    const items = await this.#guard(async () => this.client[`${action}Client`](clientId))
    for (const data of items) this.#apply({ type: 'event', id: '', name: 'client.updated', data })
  }

  async #load(part: Part): Promise<void> {
    await this.#try(part, async () => this.#read(part))
  }

  async #read(part: Part): Promise<StateMessage> {
    switch (part) {
      case 'info': {
        const info = await this.client.getInfo()
        this.#synchronize(info.serverTime)
        return { type: 'info', info }
      }
      case 'flows':
        return { type: 'flows', items: await this.client.getFlows() }
      case 'runs': {
        const [active, recent] = await Promise.all([
          this.client.getRuns({ statuses: ACTIVE_STATUSES, limit: 200 }),
          this.client.getRuns({ limit: RECENT_RUNS }),
        ])
        return { type: 'runs', items: [...active.items, ...recent.items], isSnapshot: true }
      }
      case 'clients':
        return { type: 'clients', items: await this.client.getClients() }
      case 'workers':
        return { type: 'workers', items: await this.client.getWorkers() }
    }
  }

  async #try(key: string, read: () => Promise<StateMessage>): Promise<void> {
    try {
      this.#apply(await this.#guard(read))
    } catch (error) {
      this.#apply({ type: 'error', key, error: toApiError(error) })
    }
  }

  async #guard<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call()
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) this.dispatchEvent(new Event('unauthorized'))
      throw error
    }
  }

  #receive(message: StreamMessage, isResumed: boolean): void {
    if (message.type === 'hello') {
      this.#synchronize(message.serverTime)
      if (!isResumed) void this.refresh()
    } else if (message.type === 'reset') {
      void this.refresh()
      this.dispatchEvent(new Event('reset'))
    } else if (message.type === 'event') {
      this.#queue.push(message)
      this.#flushSoon()
      for (const listener of this.#listeners.get(message.name) ?? []) listener(message.data as never)
    }
  }

  /** Answers to requests are shown at once; events wait for the frame. */
  #apply(message: StateMessage): void {
    this.#set(reduce(this.#state, message))
  }

  #flushSoon(): void {
    if (this.#isFlushing || this.#snapshots > 0 || this.#queue.length === 0) return
    this.#isFlushing = true
    const flush = (): void => {
      this.#isFlushing = false
      // A snapshot that began meanwhile is older than these events: they wait for it.
      if (this.#snapshots > 0) return
      const events = this.#queue
      this.#queue = []
      this.#set(reduceEvents(this.#state, events))
    }
    if (document.visibilityState === 'visible') requestAnimationFrame(flush)
    else setTimeout(flush, HIDDEN_FLUSH_MS)
  }

  #set(state: DashboardState): void {
    if (state === this.#state) return
    const before = this.#state
    this.#state = state
    this.dispatchEvent(new Event('change'))
    if (state.flows !== before.flows) this.#expectStart()
    // The result of a run is not in its events.
    for (const runId of this.#watched.keys())
      if (hasEnded(before.runs.get(runId), state.runs.get(runId))) void this.loadDetail(runId)
  }

  /** When a flow starts next is in no event: once a time has passed, the flows are read again. */
  #expectStart(): void {
    clearTimeout(this.#startTimer)
    const next = nextStart(this.#state.flows.values(), this.now())
    if (next === null || this.#users === 0) return
    const read = (): void => {
      void this.#load('flows')
    }
    this.#startTimer = setTimeout(read, Math.min(LONGEST_TIMER_MS, next.at - this.now() + AFTER_START_MS))
  }

  #synchronize(serverTime: string): void {
    this.#serverOffsetMs = Date.parse(serverTime) - Date.now()
  }

  #topics(): readonly string[] {
    return [...TOPICS, ...[...this.#watched.keys()].flatMap((runId) => [`run:${runId}`, `logs:${runId}`])]
  }
}

function hasEnded(before: RunView | undefined, after: RunView | undefined): boolean {
  return before !== undefined && !isFinal(before) && after !== undefined && isFinal(after)
}

function once(action: () => void): () => void {
  let isDone = false
  return () => {
    if (isDone) return
    isDone = true
    action()
  }
}
