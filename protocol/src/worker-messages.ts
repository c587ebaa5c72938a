/* What a worker sends. */
import { z } from 'zod'

import { errorMessage, errorSchema, instantSchema, nameSchema, runKey, runKeySchema } from './shared-schemas.ts'

const ms = z.number().min(0)

const scheduleRules = {
  missed: z
    .enum(['skip', 'last', 'all'])
    .optional()
    .describe('What is done with times that passed while no engine ran. Default: skip'),
  overlap: z
    .enum(['skip', 'queue', 'cancel-running', 'allow', 'buffer-one'])
    .optional()
    .describe('What is done with a time while an earlier run has not ended. Default: skip'),
  jitterMs: ms.optional().describe('Each time is run up to this much later. Default: 0'),
}

const flowSchema = z
  .looseObject({
    name: nameSchema,
    version: z.string().optional(),
    hash: z.string().optional(),
    description: z.string().optional(),
    tags: z.array(z.string()).max(100).optional(),
    paramsSchema: z.record(z.string(), z.unknown()).optional().describe('JSON Schema 2020-12 of the input'),
    schedule: z
      .union([
        z.looseObject({ cron: z.string(), timezone: z.string().optional(), ...scheduleRules }),
        z.looseObject({ everyMs: z.number().min(1000), timezone: z.string().optional(), ...scheduleRules }),
      ])
      .optional(),
    tasks: z
      .array(
        z.looseObject({
          name: nameSchema,
          weight: z.number().positive().optional(),
          estimatedMs: ms.optional(),
          retries: z.int().min(0).optional(),
        }),
      )
      .max(1000)
      .optional(),
    timeoutMs: ms.optional(),
    priority: z.number().min(-10).max(10).optional(),
    concurrency: z
      .union([
        z.int().min(1),
        z.looseObject({
          limit: z.int().min(1).optional(),
          perKey: z.looseObject({ limit: z.int().min(1), field: nameSchema }).optional(),
        }),
      ])
      .optional(),
    rateLimit: z.looseObject({ limit: z.int().min(1).max(10_000), perMs: ms }).optional(),
    retry: z
      .looseObject({
        attempts: z.int().min(1).max(1000),
        firstMs: ms.optional(),
        factor: z.number().min(1).optional(),
        maxMs: ms.optional(),
      })
      .optional(),
  })
  .meta({ id: 'FlowDefinition' })

const step = {
  key: nameSchema,
  task: nameSchema,
  attempt: z.int().min(1),
  at: instantSchema.optional(),
  argsHash: z.string().max(128).optional().describe('What tells the arguments of the call apart'),
  map: z
    .looseObject({
      path: nameSchema.describe('The key of the call is `path[item]`'),
      count: z.int().min(1).describe('Items of the map, begun or not'),
    })
    .optional()
    .describe('The call is an item of a map: progress counts those that are still to come'),
}
const eventSchema = z
  .union([
    z.looseObject({
      kind: z.literal('step.started'),
      ...step,
      weight: z.number().positive().optional(),
      estimatedMs: z.number().optional(),
      idempotent: z.boolean().optional().describe('false: the task begins when this is acknowledged'),
    }),
    z.looseObject({ kind: z.literal('step.retrying'), ...step, error: errorSchema, retryInMs: z.int().min(0) }),
    z.looseObject({
      kind: z.literal('step.completed'),
      ...step,
      status: z.literal('succeeded'),
      result: z.unknown().optional(),
      durationMs: z.number().optional(),
    }),
    z.looseObject({
      kind: z.literal('step.completed'),
      ...step,
      status: z.literal('failed'),
      error: errorSchema,
      durationMs: z.number().optional(),
    }),
    z.looseObject({
      kind: z.literal('run.completed'),
      status: z.enum(['succeeded', 'cancelled']),
      result: z.unknown().optional(),
      at: instantSchema.optional(),
    }),
    z.looseObject({
      kind: z.literal('run.completed'),
      status: z.literal('failed'),
      error: errorSchema,
      at: instantSchema.optional(),
    }),
    z.looseObject({
      kind: z.string().regex(/^(?!step\.(?:started|retrying|completed)$|run\.completed$).+$/u),
    }),
  ])
  .meta({ id: 'Event' })

const lineSchema = z
  .looseObject({
    t: z.string().optional(),
    level: z.string().optional(),
    logger: z.string().optional(),
    task: nameSchema.optional(),
    msg: z.string(),
    fields: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: 'LogLine' })

/** A message of one type. */
const message = <T extends string, S extends z.ZodRawShape>(type: T, description: string, shape: S) =>
  z.looseObject({ type: z.literal(type), ...shape }).meta({ id: type, description })

export const WORKER_MESSAGES = [
  message('hello', 'First message of a connection, within 5 s. Nothing else is sent before `welcome`.', {
    workerId: nameSchema.describe('A new one for each start of the process'),
    name: nameSchema.optional(),
    protocol: z.looseObject({ min: z.int().min(0), max: z.int().min(0) }),
    sdk: z.looseObject({ name: z.string().optional(), version: z.string().optional() }).optional(),
    capabilities: z.array(z.string()).optional(),
    slots: z.int().min(0),
    labels: z.record(z.string(), z.string()).optional(),
    flows: z.array(flowSchema).max(1000),
    inFlight: z
      .array(z.looseObject({ ...runKey, eventSeq: z.int().min(0).optional(), logSeq: z.int().min(0).optional() }))
      .max(10_000)
      .optional(),
    draining: z.boolean().optional(),
  }),
  message('flows.update', 'Announces flows later. Answered by `flows.result`.', {
    id: nameSchema,
    add: z.array(flowSchema).max(1000).optional(),
  }),
  message('heartbeat', 'Every `heartbeatMs`, also when idle: renews the leases of all listed runs.', {
    n: z.int().min(0),
    runs: z.array(runKeySchema).max(10_000),
    slots: z.int().min(0).optional(),
    busy: z.int().min(0).optional(),
    lagMs: z.number().min(0).optional(),
  }),
  message('run.accept', 'Takes a run on, within 5 s.', runKey),
  message('run.reject', 'Does not take a run.', {
    ...runKey,
    reason: z.enum(['no_capacity', 'unknown_flow', 'version_mismatch', 'draining', 'bad_params']),
    detail: z.string().optional(),
  }),
  message('run.events', 'What has happened, numbered from 1 in each epoch. Answered by `run.ack` once it is stored.', {
    ...runKey,
    firstSeq: z.int().min(1),
    events: z.array(eventSchema).max(256),
  }),
  message(
    'run.release',
    'Gives a run back. It counts as a crash only with `reason` `crashed`: the process of the run has died, and the worker lives on. With `wakeInMs`, for an engine with the capability `timers`, the run sleeps, and is given out again when that time is over.',
    {
      ...runKey,
      reason: z.string().optional(),
      wakeInMs: z.int().min(0).optional().describe('Unit: ms from now'),
    },
  ),
  message('log.batch', 'Lines of the log, numbered from 1 in each epoch. Answered by `log.ack`.', {
    ...runKey,
    firstSeq: z.int().min(1),
    lines: z.array(lineSchema).max(1000),
    dropped: z.int().min(0).optional(),
  }),
  message('progress', 'Progress of a task. Never acknowledged; the newest wins.', {
    ...runKey,
    key: nameSchema.optional(),
    done: z.number().describe('Range: 0..1'),
    message: z.string().nullable().optional(),
    at: instantSchema.optional(),
  }),
  message('journal.get', 'Asks for the part of a journal that did not fit. Answered by `journal.page`.', {
    ...runKey,
    id: nameSchema,
    offset: z.int().min(0),
    limit: z.int().min(1).optional(),
  }),
  message('drain', 'Takes nothing more on. Answered by `drain.ack`.', {
    deadlineMs: z.number().min(0).optional(),
    reason: z.string().optional(),
  }),
  errorMessage,
] as const

export const workerMessageSchema = z
  .union(WORKER_MESSAGES)
  .meta({ id: 'WorkerMessage', description: 'What a worker sends' })
