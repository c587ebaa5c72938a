/* The live stream as server-sent events. */
import type { Context } from 'hono'

import type { ApiEnv } from '../api-context.ts'
import { EventFeed, type EventCarrier, type FirstFeedRequest } from './event-feed.ts'
import type { EventHub } from './event-hub.ts'

// Browsers come back this much later when a stream has ended.
const RETRY = Buffer.from('retry: 2000\n')
// What waits here cannot be coalesced any more.
const HIGH_WATER_BYTES = 16 * 1024

/**
 * Answers with the live stream.
 *
 * @throws {PerfectError} REQUEST_INVALID for a topic that does not exist.
 */
export function streamEvents(c: Context<ApiEnv>, hub: EventHub, request: FirstFeedRequest): Response {
  let feed: EventFeed | null = null
  const { signal } = c.req.raw
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        // A reader may be gone before its stream has begun.
        if (signal.aborted) return
        feed = new EventFeed(hub, carrierOf(c, controller), request)
        signal.addEventListener('abort', () => feed?.gone(), { once: true })
      },
      pull: () => feed?.drained(),
      cancel: () => feed?.gone(),
    },
    { highWaterMark: HIGH_WATER_BYTES, size: (bytes: Uint8Array) => bytes.byteLength },
  )
  return c.body(body, 200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  })
}

function carrierOf(c: Context<ApiEnv>, controller: ReadableStreamDefaultController<Uint8Array>): EventCarrier {
  let isFirst = true
  return {
    form: 'sse',
    write(bytes) {
      controller.enqueue(isFirst ? Buffer.concat([RETRY, bytes]) : bytes)
      isFirst = false
      return (controller.desiredSize ?? 0) > 0
    },
    end(reason) {
      if (reason === 'stopped') return controller.close()
      // Nobody reads the stream while its server waits for the reader, so the connection itself is ended where it is known.
      const { outgoing } = (c.env ?? {}) as { readonly outgoing?: { destroy?: () => void } }
      if (outgoing?.destroy) outgoing.destroy()
      else controller.error(new Error('The reader of the live stream takes nothing.'))
    },
  }
}
