import { flow } from '@perfect/core'
import { describe, expect, it } from 'vitest'

import { openSse, openWebSocket, upTo, type Message } from '../live/readers.ts'
import { afterTest, startServed } from '../live/served-api.ts'
import { ended } from '../sample-api.ts'
import { notSecret } from './hidden-flow.ts'

const hasEnded = ({ type, data }: Message): boolean => type === 'run.updated' && data['status'] === 'succeeded'

describe.each([
  ['server-sent events', openSse],
  ['a WebSocket', openWebSocket],
])('permit and the live stream by %s', (_carrier, openReader) => {
  it('keeps what happens to a forbidden flow back, also what was missed', async () => {
    const { engine, url } = await startServed({ permit: notSecret })
    engine.registerFlow(flow('Secret', () => 'hush'))
    const first = await openReader(url)
    afterTest(() => first.close())
    const { id: from } = (await first.next()) ?? { id: '' }
    const secret = (await engine.triggerFlow('secret')).id
    await ended(engine, secret)
    await engine.addFlowLog(secret, 'hush')
    engine.unregisterFlow('secret')
    await ended(engine, (await engine.triggerFlow('note')).id)
    const late = await openReader(url, { lastEventId: from })
    afterTest(() => late.close())
    for (const reader of [first, late]) {
      const messages = await upTo(reader, hasEnded)
      expect(JSON.stringify(messages)).not.toMatch(/secret|hush/i)
      expect(messages.map(({ type }) => type)).toContain('log.appended')
    }
  })

  it('refuses to follow a run of a forbidden flow', async () => {
    const { engine, url } = await startServed({ permit: notSecret })
    engine.registerFlow(flow('Secret', () => 'hush'))
    const { id } = await engine.triggerFlow('secret')
    for (const topics of [`run:${id}`, `runs,logs:${id}`])
      await expect(openReader(url, { topics })).rejects.toThrow('FLOW_NOT_PERMITTED')
  })

  it('shows a flow that is registered later once the host permits it, and says that there is more to read', async () => {
    const { engine, url } = await startServed({ permit: notSecret })
    const reader = await openReader(url)
    afterTest(() => reader.close())
    engine.registerFlow(flow('Later', () => 1))
    await upTo(reader, ({ type }) => type === 'reset')
    await engine.triggerFlow('later')
    expect((await upTo(reader, hasEnded)).at(-1)?.data['flowId']).toBe('later')
  })
})

describe('permit and a WebSocket that is open', () => {
  it('sends nothing of a forbidden run that it subscribes to', async () => {
    const { engine, url } = await startServed({ permit: notSecret })
    engine.registerFlow(flow('Secret', () => 'hush'))
    const reader = await openWebSocket(url, { topics: 'clients' })
    afterTest(() => reader.close())
    const { id } = await engine.triggerFlow('secret')
    await ended(engine, id)
    reader.socket.send(JSON.stringify({ type: 'subscribe', topics: ['runs', `run:${id}`, `logs:${id}`] }))
    await upTo(reader, ({ type }) => type === 'hello')
    await upTo(reader, ({ type }) => type === 'hello')
    await engine.addFlowLog(id, 'hush')
    await ended(engine, (await engine.triggerFlow('note')).id)
    expect(JSON.stringify(await upTo(reader, hasEnded))).not.toContain('hush')
  })
})
