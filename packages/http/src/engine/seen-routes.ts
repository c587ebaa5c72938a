/* How far the caller has looked. It changes nothing for others, so it needs `read` alone. */
import type { FlowEngine, Seen, SeenTopic } from '@perfect/core'
import { Hono, type Context } from 'hono'
import type { BlankInput } from 'hono/types'

import type { ApiContext, ApiEnv } from '../api-context.ts'
import { answerTagged } from '../conditional.ts'
import { guardOf } from '../permit/flow-guard.ts'
import { ROUTES } from '../route-table.ts'
import { answer, declared, type Endpoint } from '../route-types.ts'
import { seenBodySchema, seenSchema, type SeenBody } from '../schema/seen-schemas.ts'

/** What stands in the path of a mark. */
export interface SeenParam {
  param: { topic: string }
}

/** Routes of what the caller has seen. */
export type SeenRoutes = {
  '/engine/seen': { $get: Endpoint<BlankInput, Seen> }
  '/engine/seen/:topic': { $put: Endpoint<SeenParam & { json?: SeenBody }, Seen> }
}

/** What is new to the caller. */
export function seenRoutes({ engine, access, optionalBody }: ApiContext): Hono<ApiEnv, SeenRoutes> {
  return declared<SeenRoutes>()(
    new Hono<ApiEnv>()
      .get(ROUTES.getSeen.path, access('getSeen', seenSchema), async (c) => answerTagged(c, await readSeen(c, engine)))
      .put(ROUTES.markSeen.path, access('markSeen', seenSchema), optionalBody(seenBodySchema), async (c) => {
        // The engine says which topics there are.
        const topic = c.req.param('topic') as SeenTopic
        await engine.seen.mark(callerOf(c), topic, c.req.valid('json').until)
        return answer(c, await readSeen(c, engine), 200)
      }),
  )
}

async function readSeen(c: Context<ApiEnv>, engine: FlowEngine): Promise<Seen> {
  const flows = await guardOf(c).readable()
  return engine.seen.get(callerOf(c), flows === null ? {} : { flowIds: [...flows] })
}

function callerOf(c: Context<ApiEnv>): string | null {
  return c.get('perfect').principal?.name ?? null
}
