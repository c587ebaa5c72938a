import type { FlowSimulation, SchedulePrediction } from '@perfect/core'
import { z, type ZodType } from 'zod'

import { instantSchema } from './page-schema.ts'

const msSchema = z.number().min(0).nullable()

const lengthFields = {
  totalMs: msSchema.describe('null: nobody knows'),
  earlyMs: msSchema.describe('Four of five runs take between early and late'),
  lateMs: msSchema,
  basis: z.string().describe('What it was made from'),
}

/** How a run would look. */
export interface SimulateBody {
  readonly configuration?: string
  readonly input?: unknown
}

/** Schema of which run to simulate. */
export const simulateBodySchema: ZodType<SimulateBody, SimulateBody> = z
  .strictObject({ configuration: z.string().exactOptional(), input: z.unknown().optional() })
  .meta({ id: 'SimulateRequest' })

/** Schema of a run as it is expected. */
export const simulationSchema: ZodType<FlowSimulation> = z
  .object({
    flowId: z.string(),
    configuration: z.string(),
    ...lengthFields,
    tasks: z.array(
      z.object({
        name: z.string(),
        calls: z.number().positive(),
        startMs: msSchema.describe('From the start of the run'),
        endMs: msSchema,
        callMs: msSchema.describe('How long one call takes'),
        basis: z.enum(['past-runs', 'declared', 'unknown']),
      }),
    ),
  })
  .meta({ id: 'Simulation' })

/** Schema of what the schedules are expected to do. */
export const forecastSchema: ZodType<SchedulePrediction> = z
  .object({
    runs: z.array(
      z.object({
        scheduleId: z.string(),
        flowId: z.string(),
        flowName: z.string(),
        configuration: z.string(),
        at: instantSchema.describe('The time of the schedule'),
        firesAt: instantSchema.describe('When it is run: later by its jitter'),
        finishAt: instantSchema.nullable(),
        ...lengthFields,
      }),
    ),
    collisions: z.array(
      z.object({
        kind: z.enum(['engine', 'flow', 'schedule']).describe('Whose limit it is'),
        id: z.string().nullable(),
        at: instantSchema,
        limit: z.number(),
        runs: z.int().describe('Runs that are expected to be open then'),
      }),
    ),
  })
  .meta({ id: 'Forecast' })

/** Which time to look at; both ends are instants. */
export interface ForecastUrlQueryInput {
  /** Default: now. */
  readonly from?: string
  /** Default: 24 hours after `from`. */
  readonly to?: string
}

const timeSchema = z.iso.datetime({ offset: true }).optional()

/** Schema of which time to look at. */
export const forecastQuerySchema = z.object({
  from: timeSchema.describe('Default: now'),
  to: timeSchema.describe('Default: 24 hours after "from"'),
}) as ZodType<{ readonly from?: string | undefined; readonly to?: string | undefined }, ForecastUrlQueryInput>
