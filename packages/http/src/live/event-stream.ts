/*
 * The live stream: greets, sends what was missed, then follows the engine until the reader goes or the engine stops. The reader sets the
 * pace; what it does not take waits in a bounded queue.
 */
import type { Context } from 'hono'
import { streamSSE, type SSEStreamingApi } from 'hono/streaming'

import type { ApiContext, ApiEnv } from '../api-context.ts'
import { messageText, toFrame } from './event-frame.ts'
import { EventQueue } from './event-queue.ts'
import { holdOpen } from './open-streams.ts'
import { toTopicFilter, type AnyEngineEvent } from './topics.ts'

/** What a reader wants of the live stream. */
export interface StreamRequest {
  readonly topics: string | undefined
  /** Go on after this event; undefined starts with the next one. */
  readonly lastEventId: string | undefined
}

const MAX_QUEUED_BYTES = 256 * 1024
// Large enough to be cheap for a burst, small enough that what waits can still be coalesced.
const MAX_WRITE_BYTES = 16 * 1024
const RETRY_MS = 2000
// The engine does not tell when it stops, so an idle stream looks at it this often.
const ENGINE_CHECK_MS = 1000

/**
 * Answers with the live stream.
 *
 * @throws {PerfectError} REQUEST_INVALID for a topic that does not exist.
 */
export function streamEvents(c: Context<ApiEnv>, context: ApiContext, request: StreamRequest): Response {
  const feed = new EventFeed(context, request)
  const answer = streamSSE(c, async (stream) => {
    // A reader may be gone before its stream has begun.
    if (c.req.raw.signal.aborted) return
    c.req.raw.signal.addEventListener('abort', () => stream.abort())
    try {
      await feed.run(stream)
    } catch (error) {
      const { id } = c.get('perfect')
      context.report(error, { id, method: c.req.method, path: c.req.path })
    }
  })
  answer.headers.set('cache-control', 'no-store')
  answer.headers.set('x-accel-buffering', 'no')
  return answer
}

class EventFeed {
  readonly #context: ApiContext
  readonly #wants: (event: AnyEngineEvent) => boolean
  readonly #lastEventId: string | undefined
  readonly #queue: EventQueue
  #isEnded = false
  #wake: () => void = () => undefined

  constructor(context: ApiContext, { topics, lastEventId }: StreamRequest) {
    this.#context = context
    this.#wants = toTopicFilter(topics)
    this.#lastEventId = lastEventId
    this.#queue = new EventQueue(MAX_QUEUED_BYTES, () => ({ text: this.#resetText(), key: null }))
  }

  /** Sends until the reader or the engine ends it. */
  async run(stream: SSEStreamingApi): Promise<void> {
    const { engine } = this.#context
    // What was missed is read in the same turn in which listening begins, so that nothing falls between.
    const greeting = this.#greet()
    const unsubscribe = engine.events.subscribe((event) => this.#take(event as AnyEngineEvent))
    const release = holdOpen(engine, () => stream.abort())
    stream.onAbort(() => this.#end())
    try {
      await stream.write(greeting)
      await this.#follow(stream)
    } finally {
      unsubscribe()
      release()
    }
  }

  async #follow(stream: SSEStreamingApi): Promise<void> {
    const { engine, heartbeatMs } = this.#context
    let quietMs = 0
    while (!this.#isEnded && engine.state !== 'stopping' && engine.state !== 'stopped') {
      const text = this.#queue.take(MAX_WRITE_BYTES)
      if (text !== '') {
        quietMs = 0
        await stream.write(text)
      } else if (quietMs >= heartbeatMs) {
        quietMs = 0
        // Everything before was sent or not wanted, so a reader that comes back need not ask for it.
        await stream.write(`: alive\nid: ${engine.events.lastId}\n\n`)
      } else {
        const waitMs = Math.min(heartbeatMs - quietMs, ENGINE_CHECK_MS)
        await this.#untilWoken(waitMs)
        quietMs += waitMs
      }
    }
  }

  #greet(): string {
    const { engine } = this.#context
    const { lastId } = engine.events
    const missed = this.#lastEventId === undefined ? [] : engine.events.since(this.#lastEventId)
    for (const event of missed ?? []) this.#take(event as AnyEngineEvent)
    // The place from which this stream goes on; a reader that is cut off after the greeting misses nothing.
    const id = missed === undefined ? lastId : (this.#lastEventId ?? lastId)
    const data = { engineId: engine.id, serverTime: new Date().toISOString(), lastId }
    const hello = `retry: ${String(RETRY_MS)}\n${messageText({ id, type: 'hello', data })}`
    return missed === undefined ? hello + this.#resetText() : hello
  }

  #resetText(): string {
    const { lastId } = this.#context.engine.events
    return messageText({ id: lastId, type: 'reset', data: { lastId } })
  }

  #take(event: AnyEngineEvent): void {
    if (!this.#wants(event)) return
    this.#queue.push(toFrame(event))
    this.#wake()
  }

  #end(): void {
    this.#isEnded = true
    this.#wake()
  }

  async #untilWoken(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    this.#wake = () => resolve(undefined)
    const timer = setTimeout(this.#wake, ms)
    // An open stream alone is no reason to keep the process.
    timer.unref()
    await promise
    clearTimeout(timer)
  }
}
