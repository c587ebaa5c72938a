import { describe, expect, it } from 'vitest'

import { jsonOf, startApi, until, type SampleApi } from '../sample-api.ts'
import { notSecret } from './hidden-flow.ts'

describe('permit and workers', () => {
  it('registers only the flows that a worker may run, and tells it of the others', async () => {
    const { engine, post, get } = await startApi({ permit: notSecret })
    const sessionId = await connect(post, ['Secret', 'Load'])
    await until('the worker can run a flow', () => engine.workers.workersFor('load') === 1)
    const polled = await (await get(`/engine/workers/sessions/${sessionId}/messages?waitMs=1000`)).text()
    expect(polled).toContain('"status":"rejected"')
    expect(polled).toContain('FLOW_NOT_PERMITTED')
    expect(engine.workers.workersFor('secret')).toBe(0)
    expect(engine.getFlows().map(({ id }) => id)).not.toContain('secret')
  })

  it('does not show the forbidden flows of a worker', async () => {
    let isTrusted = true
    const { engine, post, get } = await startApi({ permit: (question) => isTrusted || notSecret(question) })
    await connect(post, ['Secret'])
    await until('the worker can run a flow', () => engine.workers.workersFor('secret') === 1)
    isTrusted = false
    expect(await jsonOf(await get('/engine/workers/w1'))).toMatchObject({ worker: { id: 'w1', flows: [] } })
    expect(await jsonOf(await get('/engine/workers'))).toMatchObject({ items: [{ id: 'w1', flows: [] }] })
  })
})

async function connect(post: SampleApi['post'], flows: readonly string[]): Promise<string> {
  const opened = await post('/engine/workers/sessions', { protocol: 'perfect.worker.v1' })
  const { sessionId } = await jsonOf<{ sessionId: string }>(opened)
  const hello = {
    type: 'hello',
    workerId: 'w1',
    name: 'w1',
    protocol: { min: 1, max: 1 },
    sdk: { name: 'test', version: '1', language: 'js', languageVersion: '1', os: 'x' },
    capabilities: [],
    slots: 1,
    labels: {},
    flows: flows.map((name) => ({ name, version: '1' })),
    inFlight: [],
    draining: false,
  }
  await post(`/engine/workers/sessions/${sessionId}/messages`, { messages: [hello] })
  return sessionId
}
