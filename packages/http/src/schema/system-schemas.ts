import { HEALTH_STATUSES, type EngineState, type HealthStatus } from '@perfect/core'
import { z, type ZodType } from 'zod'

import { instantSchema } from './page-schema.ts'

const ENGINE_STATES = ['idle', 'running', 'stopping', 'stopped'] as const satisfies readonly EngineState[]

/** What an engine is. */
export interface EngineInfo {
  readonly name: string
  /** Version of this package. */
  readonly version: string
  readonly engineId: string
  /** Name of the storage; null when it does not answer. */
  readonly storage: string | null
  readonly state: EngineState
  readonly serverTime: string
  readonly apiVersion: string
  /** Version of Node. */
  readonly node: string
}

/** Schema of what an engine is. */
export const engineInfoSchema: ZodType<EngineInfo> = z
  .object({
    name: z.string(),
    version: z.string(),
    engineId: z.string(),
    storage: z.string().nullable(),
    state: z.enum(ENGINE_STATES),
    serverTime: instantSchema,
    apiVersion: z.string(),
    node: z.string(),
  })
  .meta({ id: 'EngineInfo' })

/** Whether the process answers. */
export interface Health {
  /** `degraded`: works, but somebody should look; `failing`: runs cannot be started or recorded, or may be taken over. */
  readonly status: HealthStatus
}

/** Schema of whether the process answers. */
export const healthSchema: ZodType<Health> = z.object({ status: z.enum(HEALTH_STATUSES) }).meta({ id: 'Health' })

/** The engine takes runs; anything else is answered with a problem. */
export interface Ready {
  readonly status: 'ready'
}

/** Schema of an engine that takes runs. */
export const readySchema: ZodType<Ready> = z.object({ status: z.literal('ready') }).meta({ id: 'Ready' })
