import { PerfectError } from '@perfect/core'
import { Hono, type Context } from 'hono'
import { z, type ZodType } from 'zod'

import type { ApiContext, ApiEnv } from '../api-context.ts'
import type { EventRoutes, EventsUrlQueryInput } from '../app-type.ts'
import { SCOPES, type Scope } from '../auth/authenticator.ts'
import { query } from '../query.ts'
import { ROUTES } from '../route-table.ts'
import { declared } from '../route-types.ts'
import { grantUpgrade } from '../upgrade.ts'
import { feedSocket } from './event-socket.ts'
import { streamEvents } from './event-stream.ts'
import { seenBy } from './guard-feed.ts'

interface EventsUrlQuery {
  readonly topics?: string | undefined
  readonly lastEventId?: string | undefined
}

const eventsQuerySchema = z.object({
  topics: z
    .string()
    .max(10_000)
    .optional()
    .describe(
      'runs, flows, clients or processes, workers, schedules, run:<id>, logs:<id>, separated by commas; without it all events',
    ),
  lastEventId: z.string().max(200).optional().describe('Go on after this event, as the header Last-Event-ID says too'),
}) as ZodType<EventsUrlQuery, EventsUrlQueryInput>

// Where nobody is asked who calls, everybody may do everything.
function scopesOf(c: Context<ApiEnv>): readonly Scope[] {
  return c.get('perfect').principal?.scopes ?? SCOPES
}

/** The live stream as server-sent events. */
export function eventRoutes({ access, hub, engine }: ApiContext): Hono<ApiEnv, EventRoutes> {
  return declared<EventRoutes>()(
    new Hono<ApiEnv>().get(ROUTES.streamEvents.path, access('streamEvents'), query(eventsQuerySchema), async (c) => {
      const { topics, lastEventId } = c.req.valid('query')
      const seen = await seenBy(c, engine, topics)
      // The answer to HEAD has no body that could be read or cancelled.
      if (c.req.method === 'HEAD') return c.body(null, 200, { 'content-type': 'text/event-stream' })
      // Browsers send the header when they come back to a URL that may still have an older place in it.
      const from = c.req.header('last-event-id') ?? lastEventId
      return streamEvents(c, hub, { topics, lastEventId: from, seen, scopes: scopesOf(c) })
    }),
  )
}

/** The same stream by WebSocket, see `upgrade.ts`; for any other request there is nothing here but the advice. */
export function eventConnectRoute({ access, hub, engine }: ApiContext): Hono<ApiEnv> {
  return new Hono<ApiEnv>().get(
    ROUTES.connectEvents.path,
    access('connectEvents'),
    query(eventsQuerySchema),
    async (c) => {
      const { topics, lastEventId } = c.req.valid('query')
      // Refused now, while there is somebody to tell.
      const seen = await seenBy(c, engine, topics)
      const isGranted = grantUpgrade(c, (socket, connection) =>
        feedSocket(socket, connection, hub, { topics, lastEventId, seen, scopes: scopesOf(c) }),
      )
      if (isGranted) return c.body(null, 204)
      throw new PerfectError(
        'PROTOCOL_UNSUPPORTED',
        `Live events come here by WebSocket. Where that is not possible, follow them at "${ROUTES.streamEvents.path}" as server-sent events.`,
      )
    },
  )
}
