/* What the engine sends. */
import { z } from 'zod'

import { errorMessage, errorSchema, instantSchema, nameSchema, runKey, runKeySchema } from './shared-schemas.ts'

const seq = z.int().min(0)

const verdictSchema = z
  .looseObject({
    name: z.string(),
    version: z.string(),
    status: z.enum(['accepted', 'unchanged', 'rejected']),
    problem: z.looseObject({ code: z.string(), title: z.string(), detail: z.string() }).optional(),
  })
  .meta({ id: 'FlowVerdict' })

const cancel = {
  cancelId: z.string().min(1),
  mode: z.enum(['graceful', 'force']),
  graceMs: z.number().min(0).describe('Afterwards the engine ends the run without the worker'),
  reason: z.string().nullable(),
}
const cancelSchema = z.looseObject(cancel).meta({ id: 'CancelRequest' })

const runVerdictSchema = z
  .union([
    z.looseObject({
      ...runKey,
      verdict: z.literal('continue'),
      ackedSeq: seq.describe('Everything after it is sent again'),
      ackedLogSeq: seq.optional(),
      cancel: cancelSchema.optional(),
    }),
    z.looseObject({ ...runKey, verdict: z.literal('revoked') }),
  ])
  .meta({ id: 'RunVerdict' })

const entry = {
  key: nameSchema,
  task: nameSchema,
  attempt: z.int().min(1),
  epoch: z.int().min(1),
  argsHash: z.string().max(128).optional().describe('As the worker told it'),
}
const entrySchema = z
  .union([
    z.looseObject({ ...entry, status: z.literal('succeeded'), result: z.unknown().optional() }),
    z.looseObject({ ...entry, status: z.literal('failed'), error: errorSchema.optional() }),
    z
      .looseObject({ ...entry, status: z.literal('started') })
      .describe('A task that must not run twice was started, and nothing is known of its end'),
  ])
  .meta({ id: 'JournalEntry' })

/** A message of one type. */
const message = <T extends string, S extends z.ZodRawShape>(type: T, description: string, shape: S) =>
  z.looseObject({ type: z.literal(type), ...shape }).meta({ id: type, description })

export const ENGINE_MESSAGES = [
  message('welcome', 'Answers `hello`: what becomes of flows and of runs that the worker holds.', {
    protocol: z.literal(1),
    engineId: z.string(),
    serverTime: instantSchema,
    heartbeatMs: z.int().min(1),
    leaseMs: z.int().min(1),
    limits: z.looseObject({
      maxMessageBytes: z.int().min(1).optional(),
      maxResultBytes: z.int().min(1).optional(),
      maxLogBatchBytes: z.int().min(1).optional(),
      maxLogLines: z.int().min(1).optional(),
      maxLogInFlight: z.int().min(1).optional(),
      progressMs: z.int().min(0).optional(),
    }),
    capabilities: z.array(z.string()),
    flows: z.array(verdictSchema),
    runs: z.array(runVerdictSchema),
  }),
  message('flows.result', 'Answers `flows.update`.', { re: z.string(), flows: z.array(verdictSchema) }),
  message('heartbeat.ack', 'Answers `heartbeat`. Two that are missing: the worker connects again.', {
    n: z.int().min(0),
    revoked: z.array(runKeySchema),
    cancelled: z.array(runKeySchema),
  }),
  message('run.assign', 'Gives a run to the worker. Its epoch is stored already.', {
    ...runKey,
    flow: nameSchema,
    version: z.string(),
    params: z.unknown(),
    configuration: z.string(),
    attempt: z.int().min(1),
    leaseMs: z.int().min(1),
    trigger: z.looseObject({ kind: z.string(), by: z.string().nullable() }),
    startedAt: instantSchema,
    seed: z.string().describe('The same in every epoch of the run'),
    journal: z.array(entrySchema),
    journalTotal: z.int().min(0),
    cancel: cancelSchema.optional(),
  }),
  message('journal.page', 'Answers `journal.get`.', {
    ...runKey,
    re: z.string(),
    entries: z.array(entrySchema),
    next: z.int().min(0).nullable(),
  }),
  message('run.ack', 'All events up to this number are stored.', { ...runKey, seq }),
  message('run.revoked', 'The run is not the worker’s any more: it sends nothing more for it.', {
    ...runKey,
    reason: z.enum(['stale_epoch', 'unknown_run', 'finished', 'cancelled']),
  }),
  message('run.cancel', 'Asks the worker to end a run. May come again.', { ...runKey, ...cancel }),
  message(
    'run.pause',
    'The worker starts nothing new in the run, and gives it back with `run.release` (`paused`) once what runs is recorded. It may be ignored: the run goes on then.',
    runKey,
  ),
  message('run.resume', 'A pause has ended before the run was given back: it goes on.', runKey),
  message('log.ack', 'All lines up to this number are stored.', { ...runKey, seq }),
  message('drain.ack', 'Answers `drain`.', {}),
  message('goaway', 'The engine ends: connect elsewhere, and go on with what runs.', {
    reason: z.string(),
    reconnectAfterMs: z.number().min(0),
    deadlineMs: z.number().min(0),
  }),
  errorMessage,
] as const

export const engineMessageSchema = z
  .union(ENGINE_MESSAGES)
  .meta({ id: 'EngineMessage', description: 'What the engine sends' })
