import addFormats from 'ajv-formats'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { beforeAll, describe, expect, it } from 'vitest'

import { ROUTES } from '../src/route-table.ts'
import { ended, jsonOf, startApi, type SampleApi } from './sample-api.ts'

type Json = Readonly<Record<string, unknown>>

interface Media {
  readonly content?: Readonly<Record<string, { readonly schema: Json }>>
}

interface Operation {
  readonly operationId: string
  readonly responses: Readonly<Record<string, Media>>
  readonly security?: unknown
}

interface Document {
  readonly openapi: string
  readonly info: Json
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Json>>; readonly securitySchemes: Json }
}

const clients = { one: { command: process.execPath, args: ['-e', 'setInterval(() => {}, 1e6)'], graceMs: 500 } }

/** Calls every route that answers with JSON; the name says which route of the table it is. */
const CALLS: readonly (readonly [keyof typeof ROUTES, (api: SampleApi) => Promise<Response>])[] = [
  ['listFlows', ({ get }) => get('/engine/flows?limit=1')],
  ['getFlow', ({ get }) => get('/engine/flows/add')],
  [
    'registerFlow',
    ({ post }) => post('/engine/register', { name: 'R', tasks: [{ name: 'a' }], schedule: '0 * * * *' }),
  ],
  ['triggerFlow', ({ post }) => post('/engine/trigger/add', { input: { a: 1, b: 2 } })],
  ['listRuns', async (api) => (await failedRun(api), api.get('/engine/runs'))],
  ['getRun', async (api) => api.get(`/engine/runs/${await failedRun(api)}`)],
  ['cancelRun', async ({ engine, post }) => post(`/engine/runs/${(await engine.triggerFlow('endless')).id}/cancel`)],
  ['listLogs', async (api) => api.get(`/engine/runs/${await failedRun(api)}/logs`)],
  ['addLogs', async (api) => api.post(`/engine/runs/${await failedRun(api)}/logs`, { log: 'x' })],
  ['listWorkers', ({ get }) => get('/engine/workers')],
  ['openWorkerSession', ({ post }) => post('/engine/workers/sessions', { protocol: 'perfect.worker.v1' })],
  ['startClient', ({ post }) => post('/client/start')],
  ['stopClient', async ({ post }) => (await post('/client/start'), post('/client/stop'))],
  ['listClients', async ({ get, post }) => (await post('/client/start'), get('/client/status'))],
  ['getInfo', ({ get }) => get('/engine/info')],
  ['getHealth', ({ get }) => get('/health')],
  ['getReady', ({ get }) => get('/ready')],
]

/** Calls that are refused, each for another reason. */
const REFUSED: readonly (readonly [keyof typeof ROUTES, (api: SampleApi) => Promise<Response>])[] = [
  ['getFlow', ({ get }) => get('/engine/flows/nope')],
  ['listRuns', ({ get }) => get('/engine/runs?limit=0')],
  ['listRuns', ({ get }) => get('/engine/runs?cursor=x')],
  ['triggerFlow', ({ post }) => post('/engine/trigger/add', { input: {} })],
  ['triggerFlow', ({ post }) => post('/engine/trigger/note', '{')],
  ['triggerFlow', ({ post }) => post('/engine/trigger/note', '{}', { 'content-type': 'text/plain' })],
  ['triggerFlow', ({ post }) => post('/engine/trigger/note', '{}', { origin: 'https://evil.example' })],
  ['triggerFlow', async ({ engine, post }) => (await engine.stop(), post('/engine/trigger/note'))],
  ['getInfo', ({ get }) => get('/engine/info', { host: 'evil.example' })],
  ['startClient', ({ post }) => post('/client/start', { id: 'nope' })],
  ['connectWorker', ({ get }) => get('/engine/workers/connect')],
  ['pollWorkerMessages', ({ get }) => get('/engine/workers/sessions/x/messages')],
]

async function failedRun({ engine }: SampleApi): Promise<string> {
  const { flow, step } = await import('@perfect/core')
  const failing = flow('Failing', async () => {
    await step('log', ({ log }) => log.warn('it will fail', { soon: true }))
    throw new TypeError('broken')
  })
  engine.registerFlow(failing)
  const { id } = await engine.triggerFlow(failing, { configuration: 'debug' })
  return (await ended(engine, id)).id
}

let document: Document

beforeAll(async () => {
  const { get } = await startApi()
  document = await jsonOf<Document>(await get('/openapi.json'))
})

function operationOf(name: keyof typeof ROUTES): Operation {
  const { path, method } = ROUTES[name]
  const found = document.paths[path.replaceAll(/:(\w+)/g, '{$1}')]?.[method]
  if (!found) throw new Error(`No operation for ${name}.`)
  return found
}

/** The schema, with objects that may hold nothing but what it says: fields that are not described are found, too. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed)
  if (typeof schema !== 'object' || schema === null) return schema
  const parts = Object.fromEntries(Object.entries(schema).map(([key, part]) => [key, closed(part)]))
  return 'properties' in parts && !('additionalProperties' in parts) ? { ...parts, additionalProperties: false } : parts
}

function validate(schema: Json | undefined, value: unknown): unknown {
  expect(schema).toBeDefined()
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  addFormats.default(ajv)
  const check = ajv.compile({ ...(closed(schema) as Json), components: closed(document.components) })
  check(value)
  return check.errors ?? []
}

describe('GET /openapi.json', () => {
  it('describes every route of the table once, with who may call it', () => {
    expect(document.openapi).toBe('3.1.0')
    const operations = Object.values(document.paths).flatMap((item) => Object.values(item))
    expect(operations.map(({ operationId }) => operationId).toSorted()).toEqual(Object.keys(ROUTES).toSorted())
    for (const [name, { needs }] of Object.entries(ROUTES))
      expect(operationOf(name as keyof typeof ROUTES).security).toEqual(
        needs === 'public' ? undefined : [{ bearer: needs }],
      )
  })

  it('refers to nothing that it does not have', () => {
    const refs = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(
      ([, to]) => to,
    )
    expect(refs.length).toBeGreaterThan(20)
    expect(Object.keys(document.components.schemas)).toEqual(expect.arrayContaining(refs))
    expect(JSON.stringify(document)).not.toContain('$defs')
  })

  it('says that the API takes nothing but the id of a client', () => {
    expect(document.components.schemas['ClientRequest']).toMatchObject({
      additionalProperties: false,
      properties: { id: { type: 'string' } },
    })
  })

  it.each(CALLS)('describes what %s really answers', async (name, call) => {
    const response = await call(await startApi({}, { clients }))
    const { responses } = operationOf(name)
    const described = responses[String(response.status)]
    expect(response.ok).toBe(true)
    expect(validate(described?.content?.['application/json']?.schema, await response.json())).toEqual([])
  })

  it.each(REFUSED)('describes how %s refuses', async (name, call) => {
    const response = await call(await startApi({}, { clients }))
    const described = operationOf(name).responses[String(response.status)]
    const problem = await jsonOf(response)
    expect(validate(described?.content?.['application/problem+json']?.schema, problem)).toEqual([])
    expect(described).toMatchObject({ description: expect.stringContaining(String(problem['code'])) as string })
  })

  it('describes the stream and what has no body', () => {
    expect(operationOf('streamEvents').responses['200']?.content).toHaveProperty(['text/event-stream'])
    expect(operationOf('closeWorkerSession').responses['204']?.content).toBeUndefined()
    expect(operationOf('connectWorker').responses).toHaveProperty('101')
  })
})
