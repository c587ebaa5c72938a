/* The published documents of the protocol, made of the schemas. */
import { z } from 'zod'

import { ENGINE_MESSAGES, engineMessageSchema } from './engine-messages.ts'
import { WORKER_MESSAGES, workerMessageSchema } from './worker-messages.ts'

type Json = Readonly<Record<string, unknown>>

const SCHEMA_ID = 'urn:perfect:worker.v1'
const SCHEMA_FILE = 'worker.v1.schema.json'

/** JSON Schema 2020-12: a message of either side; each side and each message under `$defs`. */
export function jsonSchema(): Json {
  const { $defs, $schema } = z.toJSONSchema(z.union([workerMessageSchema, engineMessageSchema]), {
    target: 'draft-2020-12',
  })
  return {
    $schema,
    $id: SCHEMA_ID,
    title: 'Messages of perfect.worker.v1',
    anyOf: [{ $ref: '#/$defs/WorkerMessage' }, { $ref: '#/$defs/EngineMessage' }],
    $defs,
  }
}

/** AsyncAPI 3.0: the channel, with what each side sends. */
export function asyncApi(): Json {
  const worker = WORKER_MESSAGES.map((message) => toEntry(message))
  const engine = ENGINE_MESSAGES.map((message) => toEntry(message))
  const ref = ([name]: readonly [string, Json]): Json => ({ $ref: `#/channels/worker/messages/${name}` })
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'perfect.worker.v1',
      version: '1.0.0',
      description: 'How an engine and its remote workers talk: one JSON object in each text frame, or in a long poll.',
    },
    servers: {
      local: { host: '127.0.0.1:3000', protocol: 'ws', pathname: '/api/engine/workers/connect' },
    },
    channels: { worker: { address: '/', messages: Object.fromEntries([...worker, ...engine]) } },
    operations: {
      // As a worker sees it.
      say: { action: 'send', channel: { $ref: '#/channels/worker' }, messages: worker.map(ref) },
      hear: { action: 'receive', channel: { $ref: '#/channels/worker' }, messages: engine.map(ref) },
    },
  }
}

function toEntry(message: z.ZodType): readonly [string, Json] {
  const { id = '', description = '' } = message.meta() ?? {}
  return [id.replace('.', '_'), { name: id, summary: description, payload: { $ref: `./${SCHEMA_FILE}#/$defs/${id}` } }]
}
