/*
 * One reader's live stream, whatever carries it: greets, sends what was missed, then follows the engine until the reader goes or the
 * engine stops. The reader sets the pace; what it does not take waits in a bounded queue, and a reader that takes nothing for long is
 * dropped.
 */
import type { EngineEvent } from '@perfect/core'

import manifest from '../../package.json' with { type: 'json' }
import { API_VERSION } from '../auth/access.ts'
import type { Scope } from '../auth/authenticator.ts'
import { aliveBytes, EventFrame, toFrame, type FrameForm } from './event-frame.ts'
import type { EventHub, EventReader } from './event-hub.ts'
import { EventQueue } from './event-queue.ts'
import { holdOpen } from './open-streams.ts'
import type { SeenFlows } from './seen-flows.ts'
import { parseTopics, topicsOf, type AnyEngineEvent } from './topics.ts'

/** What a reader wants of the live stream. */
export interface FeedRequest {
  readonly topics: string | undefined
  /** Go on after this event; undefined starts with the next one. */
  readonly lastEventId: string | undefined
}

/** What a new reader wants, and what it may see. */
export interface FirstFeedRequest extends FeedRequest {
  /** What the reader may do. */
  readonly scopes: readonly Scope[]
  /** null: everything. */
  readonly seen: SeenFlows | null
}

/** Why a stream ends: the engine or its server stops, or the reader takes nothing. */
export type FeedEnd = 'stopped' | 'stalled'

/** Carries the bytes of a stream to its reader. */
export interface EventCarrier {
  readonly form: FrameForm
  /** Sends; false when nothing more should be sent until {@link EventFeed.drained} is called. */
  write(bytes: Uint8Array): boolean
  end(reason: FeedEnd): void
}

const MAX_QUEUED_BYTES = 256 * 1024
// Large enough to be cheap for a burst, small enough that what waits can still be coalesced.
const MAX_WRITE_BYTES = 16 * 1024
// A reader that has taken nothing for this many heartbeats is not there any more, or of no use to itself: a minute by default.
const STALLED_HEARTBEATS = 4

/** A live stream. */
export class EventFeed implements EventReader {
  readonly #hub: EventHub
  readonly #carrier: EventCarrier
  readonly #queue: EventQueue
  readonly #seen: SeenFlows | null
  readonly #scopes: readonly Scope[]
  #topics: readonly string[]
  #release: (() => void) | null = null
  #lastTaken: EventFrame | null = null
  #isBlocked = false
  #sentAt = performance.now()

  /** @throws {PerfectError} REQUEST_INVALID for a topic that does not exist. */
  constructor(hub: EventHub, carrier: EventCarrier, request: FirstFeedRequest) {
    this.#hub = hub
    this.#carrier = carrier
    this.#topics = parseTopics(request.topics)
    this.#queue = new EventQueue(carrier.form, MAX_QUEUED_BYTES, () => this.#resetFrame())
    this.#seen = request.seen
    this.#scopes = request.scopes
    this.#seen?.onChange(() => this.#startOver())
    this.#release = holdOpen(hub.engine, this)
    this.#begin(request.lastEventId)
  }

  /** Unit: bytes. Range: 0..262,144 and one reset frame. */
  get heldBytes(): number {
    return this.#queue.bytes
  }

  /**
   * Follows other topics from now on, or from an event on. What waits of the former topics is still sent.
   *
   * @throws {PerfectError} REQUEST_INVALID for a topic that does not exist.
   */
  refollow({ topics, lastEventId }: FeedRequest): void {
    this.#topics = parseTopics(topics)
    this.#begin(lastEventId)
  }

  take(frame: EventFrame): void {
    if (frame === this.#lastTaken) return
    this.#lastTaken = frame
    const shown = this.#seen === null ? frame : this.#seen.show(frame)
    if (shown === null) return
    this.#queue.push(shown)
    if (!this.#isBlocked) this.#hub.flushSoon(this)
  }

  /** The reader takes more. */
  drained(): void {
    this.#isBlocked = false
    this.#sentAt = performance.now()
    this.flush()
  }

  flush(): void {
    while (!this.#isBlocked && !this.#queue.isEmpty) {
      const [first, ...others] = this.#queue.take(MAX_WRITE_BYTES)
      if (first) this.#write(others.length === 0 ? first : Buffer.concat([first, ...others]))
    }
  }

  tick(): void {
    this.#seen?.tick()
    const { heartbeatMs, engine } = this.#hub
    const quietMs = performance.now() - this.#sentAt
    if (this.#isBlocked && quietMs > STALLED_HEARTBEATS * heartbeatMs) this.end('stalled')
    // Everything before was sent or not wanted, so a reader that comes back need not ask for it.
    else if (!this.#isBlocked && this.#queue.isEmpty && quietMs >= heartbeatMs)
      this.#write(aliveBytes(this.#carrier.form, engine.events.lastId))
  }

  end(reason: FeedEnd = 'stopped'): void {
    if (this.#release === null) return
    this.gone()
    this.#carrier.end(reason)
  }

  /** The reader is not there any more. */
  gone(): void {
    this.#release?.()
    this.#release = null
    this.#isBlocked = true
    this.#queue.clear()
    this.#hub.leave(this)
  }

  #begin(lastEventId: string | undefined): void {
    const { engine } = this.#hub
    const { lastId } = engine.events
    const missed = lastEventId === undefined ? [] : engine.events.since(lastEventId)
    // The place from which this stream goes on; a reader that is cut off after the greeting misses nothing.
    const id = missed === undefined ? lastId : (lastEventId ?? lastId)
    const data = {
      engineId: engine.id,
      serverTime: new Date().toISOString(),
      lastId,
      version: manifest.version,
      apiVersion: API_VERSION,
      capabilities: { scopes: this.#scopes, clients: engine.processes.status().length > 0 },
    }
    this.#queue.push(new EventFrame({ id, type: 'hello', data }))
    // The greeting is sent before what follows, which may be too much for the queue.
    this.flush()
    if (missed === undefined) this.#queue.push(this.#resetFrame())
    else this.#takeMissed(missed)
    // What was missed is read in the same turn in which listening begins, so that nothing falls between.
    this.#hub.follow(this, this.#topics)
    this.flush()
  }

  #takeMissed(missed: readonly EngineEvent[]): void {
    const topics = new Set(this.#topics)
    for (const event of missed as readonly AnyEngineEvent[])
      if (topicsOf(event).some((topic) => topics.has(topic))) this.take(toFrame(event))
  }

  #startOver(): void {
    if (this.#release === null) return
    this.#queue.push(this.#resetFrame())
    if (!this.#isBlocked) this.#hub.flushSoon(this)
  }

  #resetFrame(): EventFrame {
    const { lastId } = this.#hub.engine.events
    return new EventFrame({ id: lastId, type: 'reset', data: { lastId } })
  }

  #write(bytes: Uint8Array): void {
    this.#sentAt = performance.now()
    this.#isBlocked = !this.#carrier.write(bytes)
  }
}
