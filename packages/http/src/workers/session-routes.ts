/*
 * The HTTP carrier of remote workers, for networks that let no WebSocket through: the worker posts its messages and polls for those of
 * the engine. Same messages, same rules.
 */
import { PerfectError, WORKER_LIMITS, WORKER_PROTOCOL } from '@perfect/core'
import { Hono, type Context } from 'hono'
import { z } from 'zod'

import type { ApiContext, ApiEnv } from '../api-context.ts'
import { check, readAnyJson } from '../json-body.ts'
import { permitWork } from '../permit/permit-work.ts'
import { query } from '../query.ts'
import { ROUTES } from '../route-table.ts'
import { PollSessions } from './poll-sessions.ts'

// Shorter than what proxies allow.
const MAX_WAIT_MS = 20_000
const MAX_MESSAGES = 10_000
// A message of the largest size, with what is around it.
const MAX_POST_BYTES = WORKER_LIMITS.maxMessageBytes + 1024

const openSchema = z.object({ protocol: z.string() })
const messagesSchema = z.object({ messages: z.array(z.unknown()).max(MAX_MESSAGES) })
const openedSchema = z.object({ sessionId: z.string(), pollMs: z.int() })
const pollQuerySchema = z.object({
  after: z.coerce.number().int().min(0).default(0).describe('Everything up to this number has arrived'),
  waitMs: z.coerce.number().int().min(0).max(MAX_WAIT_MS).default(MAX_WAIT_MS).describe('Longest wait, in ms'),
})
const polledSchema = z.object({
  messages: z.array(z.object({ n: z.int(), message: z.looseObject({ type: z.string() }) })),
  closed: z.object({ code: z.int(), reason: z.string() }).optional(),
})

/** Routes of the sessions. */
export function workerSessionRoutes({ engine, access, body }: ApiContext): Hono<ApiEnv> {
  const sessions = new PollSessions(engine)
  return new Hono<ApiEnv>()
    .post(ROUTES.openWorkerSession.path, access('openWorkerSession', openedSchema), body(openSchema), async (c) => {
      checkProtocol(c.req.valid('json').protocol)
      await engine.start()
      return c.json({ sessionId: sessions.open(ownerOf(c), permitWork(c)), pollMs: MAX_WAIT_MS }, 201)
    })
    .post(ROUTES.sendWorkerMessages.path, access('sendWorkerMessages', z.object({})), async (c) => {
      // Not as deep and not as small as other bodies: results of tasks are in here.
      const { messages } = check(messagesSchema, await readAnyJson(c.req, MAX_POST_BYTES))
      sessions.receive(c.req.param('sessionId'), ownerOf(c), messages)
      return c.json({}, 202)
    })
    .get(
      ROUTES.pollWorkerMessages.path,
      access('pollWorkerMessages', polledSchema),
      query(pollQuerySchema),
      async (c) => {
        const { after, waitMs } = c.req.valid('query')
        const { signal } = c.req.raw
        const text = await sessions.poll(c.req.param('sessionId'), ownerOf(c), { after, waitMs, signal })
        return c.body(text, 200, { 'content-type': 'application/json' })
      },
    )
    .delete(ROUTES.closeWorkerSession.path, access('closeWorkerSession'), (c) => {
      sessions.close(c.req.param('sessionId'), ownerOf(c))
      return c.body(null, 204)
    })
}

function ownerOf(c: Context<ApiEnv>): string | null {
  return c.get('perfect').principal?.name ?? null
}

function checkProtocol(protocol: string): void {
  if (protocol === WORKER_PROTOCOL) return
  throw new PerfectError(
    'PROTOCOL_UNSUPPORTED',
    `The worker protocol ${JSON.stringify(protocol.slice(0, 100))} is not known. Use "${WORKER_PROTOCOL}".`,
    { details: { field: 'protocol', value: protocol.slice(0, 100) } },
  )
}
