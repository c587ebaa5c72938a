import { PerfectError, type HealthCode } from '@perfect/core'
import { Hono } from 'hono'

import manifest from '../../package.json' with { type: 'json' }
import type { ApiContext, ApiEnv } from '../api-context.ts'
import type { SystemRoutes } from '../app-type.ts'
import { API_VERSION } from '../auth/access.ts'
import { ROUTES } from '../route-table.ts'
import { answer, declared } from '../route-types.ts'
import {
  engineInfoSchema,
  healthSchema,
  readySchema,
  type EngineInfo,
  type Health,
  type Ready,
} from '../schema/system-schemas.ts'
import { createHealthCheck } from './health-check.ts'

// Everything else that may be wrong is no reason to send nothing more to this process.
const NO_STORAGE: ReadonlySet<HealthCode> = new Set(['STORAGE_UNREACHABLE', 'DISK_FULL'])

/** What the engine is and how it is doing. */
export function systemRoutes({ engine, access }: ApiContext): Hono<ApiEnv, SystemRoutes> {
  const health = createHealthCheck(engine)
  return declared<SystemRoutes>()(
    new Hono<ApiEnv>()
      .get(ROUTES.getInfo.path, access('getInfo', engineInfoSchema), async (c) => {
        const info: EngineInfo = {
          name: 'Perfect',
          version: manifest.version,
          engineId: engine.id,
          storage: (await health())?.storage ?? null,
          state: engine.state,
          serverTime: new Date().toISOString(),
          apiVersion: API_VERSION,
          node: process.version,
        }
        return answer(c, info, 200)
      })
      // Whether to restart the process: a storage that is away is no reason, so the status stays 200.
      .get(ROUTES.getHealth.path, access('getHealth', healthSchema), async (c) => {
        const found: Health = { status: (await health())?.status ?? 'failing' }
        return answer(c, found, 200)
      })
      .get(ROUTES.getReady.path, access('getReady', readySchema), async (c) => {
        if (engine.state !== 'running')
          throw new PerfectError('ENGINE_STOPPED', `The engine is ${engine.state}. It takes runs once it is started.`)
        const found = await health()
        if (found === null || found.reasons.some(({ code }) => NO_STORAGE.has(code)))
          throw new PerfectError('STORAGE_UNAVAILABLE', 'The storage does not answer.')
        const ready: Ready = { status: 'ready' }
        return answer(c, ready, 200)
      }),
  )
}
