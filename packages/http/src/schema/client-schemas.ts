import type { ClientAction, ClientLogView, ClientView, Page, WorkerView } from '@perfect/core'
import { z, type ZodType } from 'zod'

import { canField, type Can, type WorkerAction } from './action-schemas.ts'
import { instantSchema, pageSchema } from './page-schema.ts'

const STREAMS = ['stdout', 'stderr', 'system'] as const

const clientLineSchema: ZodType<ClientLogView> = z
  .object({ seq: z.int().min(0), at: instantSchema, stream: z.enum(STREAMS), text: z.string() })
  .meta({ id: 'ClientLogLine' })

/** Schema of a page of what a client has written. */
export const clientLogPageSchema: ZodType<Page<ClientLogView>> = pageSchema(clientLineSchema, 'ClientLogPage')

/** Which lines of a client. */
export interface ClientLogsUrlQuery {
  readonly after?: number
  readonly stream?: (typeof STREAMS)[number]
  readonly q?: string
  readonly limit: number
}

/** Which lines of a client, in an address. */
export interface ClientLogsUrlQueryInput {
  readonly after?: string
  readonly stream?: (typeof STREAMS)[number]
  readonly q?: string
  readonly limit?: string
}

/** Schema of which lines of a client. */
export const clientLogsQuerySchema: ZodType<ClientLogsUrlQuery, ClientLogsUrlQueryInput> = z.object({
  after: z.coerce.number().int().min(0).exactOptional().describe('Only lines with a greater "seq"'),
  stream: z.enum(STREAMS).exactOptional(),
  q: z.string().max(500).exactOptional().describe('Only lines that contain this text'),
  limit: z.coerce.number().int().min(1).max(1000).default(200).describe('Lines of a page'),
}) as ZodType<ClientLogsUrlQuery, ClientLogsUrlQueryInput>

/** Schema of a declared client process. */
const clientSchema: ZodType<ClientView & Can<ClientAction>> = z
  .object({
    id: z.string(),
    name: z.string(),
    status: z.enum(['stopped', 'starting', 'running', 'stopping', 'restarting', 'failed']),
    pid: z.int().nullable(),
    startedAt: instantSchema.nullable(),
    exit: z.object({ code: z.int().nullable(), signal: z.string().nullable(), at: instantSchema }).nullable(),
    starts: z.int().min(0),
    restarts: z.int().min(0),
    nextStartAt: instantSchema.nullable(),
    health: z.enum(['ok', 'silent', 'unknown']),
    usage: z.array(
      z.object({
        at: instantSchema,
        cpu: z.number().min(0).describe('Share of one core; 2 is two whole cores'),
        memoryBytes: z.int().min(0),
        processes: z.int().min(1),
      }),
    ),
    logs: z.array(clientLineSchema),
    ...canField<ClientAction>('ClientActions', { start: '', stop: '', restart: '' }),
  })
  .meta({ id: 'Client' })

/** Schema of the client processes. */
export const clientPageSchema: ZodType<Page<ClientView & Can<ClientAction>>> = pageSchema(clientSchema, 'ClientPage')

/** Which client process to start or stop. */
export interface ClientBody {
  /** Default: all. */
  readonly id?: string
}

/** Schema of which client process to start or stop. What it runs is declared by the host: anything but its id is refused. */
export const clientBodySchema: ZodType<ClientBody, ClientBody> = z
  .strictObject({ id: z.string().max(200).exactOptional() })
  .meta({ id: 'ClientRequest' })

/** Schema of a remote worker. */
export const workerSchema: ZodType<WorkerView & Can<WorkerAction>> = z
  .object({
    id: z.string(),
    name: z.string(),
    status: z.enum(['online', 'draining', 'suspect', 'offline']),
    carrier: z.enum(['websocket', 'http']),
    flows: z.array(z.string()),
    slots: z.int().min(0),
    busy: z.int().min(0),
    connectedAt: instantSchema,
    lastSeenAt: instantSchema,
    sdk: z.string(),
    ...canField<WorkerAction>('WorkerActions', { drain: '' }),
  })
  .meta({ id: 'Worker' })

/** Schema of a page of workers. */
export const workerPageSchema: ZodType<Page<WorkerView & Can<WorkerAction>>> = pageSchema(workerSchema, 'WorkerPage')

/** Answer with a worker. */
export interface WorkerAnswer {
  readonly worker: WorkerView & Can<WorkerAction>
}

/** Schema of an answer with a worker. */
export const workerAnswerSchema: ZodType<WorkerAnswer> = z.object({ worker: workerSchema }).meta({ id: 'WorkerAnswer' })

/** Whether a worker gets runs. */
export interface DrainBody {
  /** false: it gets runs again. Default: true. */
  readonly drain?: boolean
}

/** Schema of whether a worker gets runs. */
export const drainBodySchema: ZodType<DrainBody, DrainBody> = z
  .strictObject({ drain: z.boolean().exactOptional().describe('false: it gets runs again. Default: true') })
  .meta({ id: 'DrainRequest' })
