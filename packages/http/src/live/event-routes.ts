import { Hono } from 'hono'
import { z, type ZodType } from 'zod'

import type { ApiContext, ApiEnv } from '../api-context.ts'
import type { EventRoutes, EventsUrlQueryInput } from '../app-type.ts'
import { query } from '../query.ts'
import { ROUTES } from '../route-table.ts'
import { declared } from '../route-types.ts'
import { streamEvents } from './event-stream.ts'

interface EventsUrlQuery {
  readonly topics?: string | undefined
  readonly lastEventId?: string | undefined
}

const eventsQuerySchema = z.object({
  topics: z
    .string()
    .max(10_000)
    .optional()
    .describe('runs, flows, clients, workers, run:<id>, logs:<id>, separated by commas; without it all events'),
  lastEventId: z.string().max(200).optional().describe('Go on after this event, as the header Last-Event-ID says too'),
}) as ZodType<EventsUrlQuery, EventsUrlQueryInput>

/** The live stream as server-sent events. */
export function eventRoutes(context: ApiContext): Hono<ApiEnv, EventRoutes> {
  return declared<EventRoutes>()(
    new Hono<ApiEnv>().get(ROUTES.streamEvents.path, context.access('streamEvents'), query(eventsQuerySchema), (c) => {
      const { topics, lastEventId } = c.req.valid('query')
      // The answer to HEAD has no body that could be read or cancelled.
      if (c.req.method === 'HEAD') return c.body(null, 200, { 'content-type': 'text/event-stream' })
      // Browsers send the header when they come back to a URL that may still have an older place in it.
      return streamEvents(c, context, { topics, lastEventId: c.req.header('last-event-id') ?? lastEventId })
    }),
  )
}
