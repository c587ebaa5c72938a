import type { Duplex } from 'node:stream'

/* The live stream as messages of a WebSocket: the same as the server-sent events, one text frame each. */
import { PerfectError } from '@perfect/core'
import type { WebSocket } from 'ws'
import { z } from 'zod'

import { closeSocket } from '../socket-close.ts'
import { EventFeed, type EventCarrier, type FeedRequest, type FirstFeedRequest } from './event-feed.ts'
import type { EventHub } from './event-hub.ts'

const subscribeSchema = z.object({
  type: z.literal('subscribe'),
  topics: z.array(z.string().max(500)).max(100).default([]),
  lastEventId: z.string().max(200).optional(),
})

/** Codes that a live WebSocket is closed with; beside them only 1001, when the server stops. */
const CLOSE_CODES = { badMessage: 4400, stalled: 4408 } as const
// What is in its buffers is all that it can still take.
const STALLED_CLOSE_MS = 1000

/** Brings the live stream to a reader by WebSocket, until one of the two has gone. */
export function feedSocket(socket: WebSocket, connection: Duplex, hub: EventHub, request: FirstFeedRequest): void {
  const feed = new EventFeed(hub, carrierOf(socket, connection), request)
  connection.on('drain', () => feed.drained())
  socket.on('close', () => feed.gone())
  // The close that follows an error tells all there is to know.
  socket.on('error', () => undefined)
  socket.on('message', (data, isBinary) => {
    const asked = isBinary ? null : toRequest((data as Buffer).toString('utf8'))
    if (asked === undefined) return
    try {
      if (asked === null) throw new PerfectError('REQUEST_INVALID', 'Send {"type":"subscribe","topics":[...]} as text.')
      feed.refollow(asked)
    } catch (error) {
      feed.gone()
      closeSocket(socket, CLOSE_CODES.badMessage, error instanceof Error ? error.message : String(error))
    }
  })
}

function carrierOf(socket: WebSocket, connection: Duplex): EventCarrier {
  return {
    form: 'webSocket',
    // Frames are made once for all readers, so they go around the WebSocket, which would make them anew for each.
    write: (bytes) => socket.readyState !== socket.OPEN || connection.write(bytes),
    end(reason) {
      if (reason === 'stopped') closeSocket(socket, 1001, 'The engine is stopping.')
      else closeSocket(socket, CLOSE_CODES.stalled, 'The reader takes nothing.', STALLED_CLOSE_MS)
    },
  }
}

/** What a message asks for; null when it is none of ours, undefined when it is to be ignored. */
function toRequest(text: string): FeedRequest | null | undefined {
  let message: unknown
  try {
    message = JSON.parse(text)
  } catch {
    return null
  }
  const isOther = z.object({ type: z.string().refine((type) => type !== 'subscribe') }).safeParse(message).success
  // Types may be added.
  if (isOther) return undefined
  const { data } = subscribeSchema.safeParse(message)
  return data ? { topics: data.topics.join(','), lastEventId: data.lastEventId } : null
}
