/*
 * Brings the events of an engine to those who follow them. One listener and one timer serve all readers, and an event touches only the
 * readers of its topics: thousands that wait for other runs cost it nothing.
 */
import type { FlowEngine } from '@perfect/core'

import { toFrame, type EventFrame } from './event-frame.ts'
import { topicsOf, type AnyEngineEvent } from './topics.ts'

/** One who follows events. */
export interface EventReader {
  /** Takes an event of its topics; the same one twice when it belongs to two of them. */
  take(frame: EventFrame): void
  /** Sends what it has taken. */
  flush(): void
  /** Called now and then. */
  tick(): void
  /** The engine has stopped. */
  end(): void
}

// The engine does not tell when it stops, so it is looked at this often.
const TICK_MS = 1000

/** The readers of an engine, by topic. */
export class EventHub {
  readonly engine: FlowEngine
  /** Silence after which a reader is told that its stream lives. Unit: ms. */
  readonly heartbeatMs: number
  readonly #readers = new Map<EventReader, readonly string[]>()
  readonly #byTopic = new Map<string, Set<EventReader>>()
  readonly #unsent = new Set<EventReader>()
  #leave: (() => void) | null = null

  constructor(engine: FlowEngine, heartbeatMs: number) {
    this.engine = engine
    this.heartbeatMs = heartbeatMs
  }

  /** Brings a reader all events of some topics from now on; in the place of its former topics. */
  follow(reader: EventReader, topics: readonly string[]): void {
    this.#forget(reader)
    this.#readers.set(reader, topics)
    for (const topic of topics) {
      const readers = this.#byTopic.get(topic) ?? new Set()
      this.#byTopic.set(topic, readers)
      readers.add(reader)
    }
    this.#leave ??= this.#listen()
  }

  leave(reader: EventReader): void {
    this.#forget(reader)
    this.#unsent.delete(reader)
    if (this.#readers.size > 0) return
    this.#leave?.()
    this.#leave = null
  }

  /** Lets a reader flush when what happens now has happened, so that events that come together are sent together. */
  flushSoon(reader: EventReader): void {
    if (this.#unsent.size === 0) setImmediate(() => this.#flush())
    this.#unsent.add(reader)
  }

  #listen(): () => void {
    const unsubscribe = this.engine.events.subscribe((event) => this.#publish(event as AnyEngineEvent))
    const timer = setInterval(() => this.#tick(), Math.min(TICK_MS, this.heartbeatMs))
    // An open stream alone is no reason to keep the process.
    timer.unref()
    return () => {
      unsubscribe()
      clearInterval(timer)
    }
  }

  #publish(event: AnyEngineEvent): void {
    for (const topic of topicsOf(event)) {
      const readers = this.#byTopic.get(topic)
      if (!readers) continue
      const frame = toFrame(event)
      for (const reader of readers) reader.take(frame)
    }
  }

  #flush(): void {
    const unsent = [...this.#unsent]
    this.#unsent.clear()
    for (const reader of unsent) reader.flush()
  }

  #tick(): void {
    const { state } = this.engine
    const hasStopped = state === 'stopping' || state === 'stopped'
    for (const reader of this.#readers.keys()) {
      if (hasStopped) reader.end()
      else reader.tick()
    }
  }

  #forget(reader: EventReader): void {
    for (const topic of this.#readers.get(reader) ?? []) {
      const readers = this.#byTopic.get(topic)
      readers?.delete(reader)
      if (readers?.size === 0) this.#byTopic.delete(topic)
    }
    this.#readers.delete(reader)
  }
}
