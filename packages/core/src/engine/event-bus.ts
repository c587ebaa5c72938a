import { EventEmitter } from 'node:events'

import type { Clock } from '../primitives/clock.ts'
import type { EngineEvent, EngineEventName, EngineEvents } from './views.ts'

type Listener<N extends EngineEventName> = (data: EngineEvents[N]) => void

/** Hears an error that happened where nobody could be told. */
export type ErrorReporter = (error: unknown, doing: string) => void

// A dashboard that was away for a moment goes on from here; 10,000 events are some seconds of a very busy engine.
const RING_SIZE = 10_000
// After the last subscriber left, events are kept for one that is only reconnecting.
const KEEP_AFTER_LAST_MS = 60_000

/** An event whose data is not made yet. */
interface ComingEvent extends Pick<EngineEvent, 'id' | 'type'> {
  readonly build: () => EngineEvent['data']
}

/**
 * The live events of an engine: typed listeners, which are called at once, and a numbered ring of recent events from which a subscriber can
 * go on. Subscribers are called a moment later: to tell what a run does must not hold it up. While nobody listens, an event costs nothing
 * but its number.
 */
export class EventBus {
  readonly #engineId: string
  readonly #clock: Clock
  readonly #report: ErrorReporter
  // Node warns of more than ten listeners; a host may have any number.
  readonly #emitter = new EventEmitter().setMaxListeners(0)
  readonly #subscribers = new Set<(event: EngineEvent) => void>()
  readonly #changeListeners = new Set<() => void>()
  #ring: EngineEvent[] = []
  #coming: ComingEvent[] = []
  #last = 0
  #keepUntil = 0
  #isChangeAnnounced = false

  constructor(engineId: string, clock: Clock, report: ErrorReporter) {
    this.#engineId = engineId
    this.#clock = clock
    this.#report = report
  }

  /** Identifier of the newest event. Subscribers have heard of all up to it. */
  get lastId(): string {
    this.#tell()
    return this.#id(this.#last)
  }

  /**
   * Tells of something that is committed.
   *
   * @param build Makes the data; called only when somebody wants it, and perhaps a moment later.
   */
  publish<N extends EngineEventName>(type: N, build: () => EngineEvents[N]): void {
    this.#last++
    this.#announceChange()
    const isRecorded = this.#subscribers.size > 0 || (this.#keepUntil > 0 && this.#isKept())
    const id = this.#id(this.#last)
    if (this.#emitter.listenerCount(type) === 0) {
      if (isRecorded) this.#tellSoon({ id, type, build })
      return
    }
    const data = build()
    if (isRecorded) this.#tellSoon({ id, type, build: () => data })
    for (const listener of this.#emitter.listeners(type)) this.#call(() => (listener as Listener<N>)(data), type)
  }

  /** Whether anybody hears events of this name. */
  isHeard(type: EngineEventName): boolean {
    return this.#subscribers.size > 0 || this.#emitter.listenerCount(type) > 0
  }

  /** Events after the one of this identifier; undefined when they are not known any more: the subscriber has to fetch anew. */
  since(id: string): readonly EngineEvent[] | undefined {
    this.#tell()
    const [engineId, text] = id.split(':')
    const number = Number(text)
    if (engineId !== this.#engineId || !Number.isInteger(number) || number < 0 || number > this.#last) return undefined
    const missing = this.#last - number
    return missing <= this.#ring.length ? this.#ring.slice(this.#ring.length - missing) : undefined
  }

  /** Calls `listener` with every event from now on, a moment after it; gives a function that ends it. */
  subscribe(listener: (event: EngineEvent) => void): () => void {
    this.#tell()
    this.#subscribers.add(listener)
    return () => {
      this.#tell()
      this.#subscribers.delete(listener)
      if (this.#subscribers.size === 0) this.#keepUntil = this.#clock.monotonic() + KEEP_AFTER_LAST_MS
    }
  }

  /** Calls `listener` soon after anything changed, once for many changes. */
  onChange(listener: () => void): () => void {
    // A wrapper, so that a listener given twice is called twice.
    const entry = (): void => listener()
    this.#changeListeners.add(entry)
    return () => void this.#changeListeners.delete(entry)
  }

  /** Calls `listener` with each event of this name. */
  on<N extends EngineEventName>(type: N, listener: Listener<N>): void {
    this.#emitter.on(type, listener)
  }

  /** Calls `listener` with the next event of this name. */
  once<N extends EngineEventName>(type: N, listener: Listener<N>): void {
    const first: Listener<N> = (data) => {
      this.#emitter.off(type, first)
      listener(data)
    }
    this.#emitter.on(type, first)
  }

  /** Ends what {@link on} or {@link once} began. */
  off<N extends EngineEventName>(type: N, listener: Listener<N>): void {
    this.#emitter.off(type, listener)
  }

  #isKept(): boolean {
    if (this.#clock.monotonic() < this.#keepUntil) return true
    this.#keepUntil = 0
    this.#ring = []
    this.#coming = []
    return false
  }

  #tellSoon(event: ComingEvent): void {
    if (this.#coming.push(event) === 1) setImmediate(() => this.#tell())
  }

  #tell(): void {
    const coming = this.#coming
    if (coming.length === 0) return
    this.#coming = []
    for (const { id, type, build } of coming)
      try {
        const event: EngineEvent = { id, type, data: build() }
        this.#record(event)
        for (const subscriber of this.#subscribers) this.#call(() => subscriber(event), type)
      } catch (error) {
        // Nobody can go on over the gap.
        this.#ring = []
        this.#report(error, `the event "${type}"`)
      }
  }

  #record(event: EngineEvent): void {
    this.#ring.push(event)
    // Cut now and then instead of shifting the whole ring at each event.
    if (this.#ring.length > RING_SIZE * 1.25) this.#ring = this.#ring.slice(-RING_SIZE)
  }

  #announceChange(): void {
    if (this.#changeListeners.size === 0 || this.#isChangeAnnounced) return
    this.#isChangeAnnounced = true
    queueMicrotask(() => {
      this.#isChangeAnnounced = false
      for (const listener of this.#changeListeners) this.#call(listener, 'change')
    })
  }

  // A listener of the host may throw; the others and the engine go on.
  #call(run: () => void, type: string): void {
    try {
      run()
    } catch (error) {
      this.#report(error, `a listener of "${type}"`)
    }
  }

  #id(number: number): string {
    return `${this.#engineId}:${String(number)}`
  }
}
