import { readFileSync } from 'node:fs'

import specs from '@asyncapi/specs'
import { FlowEngine, type EngineMessage, type WorkerSession } from '@perfect/core'
import { Ajv } from 'ajv'
import formats from 'ajv-formats'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'

import { asyncApi, jsonSchema } from '../src/documents.ts'
import { workerMessageSchema } from '../src/worker-messages.ts'

interface Vector {
  readonly name: string
  readonly message: unknown
  readonly field?: string
}

const read = (file: string): unknown => JSON.parse(readFileSync(new URL(`../${file}`, import.meta.url), 'utf8'))
const vectors = read('vectors/worker-messages.json') as Readonly<Record<'valid' | 'invalid', readonly Vector[]>>
const validate = new Ajv2020({ strict: true, strictTypes: false }).compile({
  ...jsonSchema(),
  $id: 'urn:perfect:worker-messages',
  anyOf: [{ $ref: '#/$defs/WorkerMessage' }],
})

describe('the published documents', () => {
  test('are what the schemas say', () => {
    expect(read('worker.v1.schema.json'), 'run npm --prefix protocol run generate').toEqual(jsonSchema())
    expect(read('asyncapi.worker.v1.json'), 'run npm --prefix protocol run generate').toEqual(asyncApi())
  })

  test('hold an AsyncAPI document by its own schema, with references that lead somewhere', () => {
    const ajv = new Ajv({ strict: false, validateFormats: true })
    formats.default(ajv)
    const check = ajv.compile(specs.schemasWithoutId['3.0.0'] as object)
    check(read('asyncapi.worker.v1.json'))
    expect(check.errors ?? []).toEqual([])
    const { $defs } = jsonSchema() as { readonly $defs: Readonly<Record<string, unknown>> }
    const names = [...JSON.stringify(asyncApi()).matchAll(/schema\.json#\/\$defs\/([^"]+)"/gu)].map(
      ([, name = '']) => name,
    )
    expect(names.length).toBeGreaterThan(20)
    expect(names.filter((name) => !Object.hasOwn($defs, name))).toEqual([])
  })
})

describe('a message of a worker', () => {
  let engine: FlowEngine
  beforeAll(async () => {
    engine = new FlowEngine({ onError: () => undefined })
    await engine.start()
  })
  afterAll(() => engine.stop({ drainMs: 0 }))

  test.each(vectors.valid)('that is $name is understood by the engine and fits the schema', async ({ message }) => {
    expect([validate(message), validate.errors]).toEqual([true, null])
    expect(workerMessageSchema.safeParse(message).error).toBeUndefined()
    expect(await complaint(engine, message)).toBeUndefined()
  })

  test.each(vectors.invalid)('with $name is refused by the engine and the schema', async ({ message, field = '' }) => {
    expect(await complaint(engine, message)).toContain(`"${field}" is `)
    expect(validate(message)).toBe(false)
  })
})

/** What the engine says of a message that it does not understand. */
async function complaint(engine: FlowEngine, message: unknown): Promise<string | undefined> {
  const answers: EngineMessage[] = []
  const session: WorkerSession = engine.workers.open({
    kind: 'websocket',
    send: (answer) => void answers.push(answer),
    close: () => undefined,
  })
  const isHello = typeof message === 'object' && (message as { type?: unknown }).type === 'hello'
  if (!isHello) {
    const hello = { type: 'hello', workerId: crypto.randomUUID(), protocol: { min: 1, max: 1 }, slots: 0, flows: [] }
    session.receive(hello)
    await vi.waitUntil(() => answers.some(({ type }) => type === 'welcome'), { interval: 1 })
  }
  session.receive(message)
  session.close(1000, 'done')
  const error = answers.find((answer) => answer.type === 'error')
  return error?.code === 'bad_message' ? error.detail : undefined
}
