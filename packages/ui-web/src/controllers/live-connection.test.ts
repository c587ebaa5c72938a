import { afterEach, describe, expect, test, vi } from 'vitest'

import { FixtureClient } from '../../tests/fixture/fixture-client.ts'
import { FixtureEngine } from '../../tests/fixture/fixture-engine.ts'
import { makeFlow } from '../../tests/fixture/make.ts'
import { LiveConnection, reconnectDelay } from './live-connection.ts'

const open: LiveConnection[] = []

function connect() {
  const engine = new FixtureEngine()
  const client = new FixtureClient(engine)
  const messages: string[] = []
  const connection = new LiveConnection(client, {
    onMessage: (message, isResumed) => messages.push(message.type === 'hello' && isResumed ? 'resumed' : message.type),
    onChange: () => undefined,
  })
  open.push(connection)
  connection.start(['flows'])
  return { engine, client, connection, messages }
}

afterEach(() => {
  for (const connection of open.splice(0)) connection.stop()
})

describe('reconnectDelay()', () => {
  test('doubles from a quarter of a second to fifteen seconds, half of it by chance', () => {
    expect([0, 1, 2, 6, 9, 99].map((failures) => reconnectDelay(failures, 1))).toEqual([
      250, 500, 1000, 15_000, 15_000, 15_000,
    ])
    expect(reconnectDelay(0, 0)).toBe(125)
  })
})

describe('LiveConnection', () => {
  test('hands over messages and knows that it is live', async () => {
    const { engine, connection, messages } = connect()
    await vi.waitUntil(() => connection.view.status === 'live')
    engine.publish('flow.updated', makeFlow({ name: 'etl' }))
    await expect.poll(() => messages).toEqual(['hello', 'event'])
  })

  test('comes back after a loss and goes on after the last event', async () => {
    const { engine, client, connection, messages } = connect()
    await vi.waitUntil(() => connection.view.status === 'live')
    engine.publish('flow.updated', makeFlow({ name: 'a' }))
    await vi.waitUntil(() => messages.length === 2)
    client.isDown = true
    client.cut()
    await vi.waitUntil(() => connection.view.status === 'lost')
    engine.publish('flow.updated', makeFlow({ name: 'b' }))
    client.isDown = false
    await expect.poll(() => messages, { timeout: 5000 }).toEqual(['hello', 'event', 'resumed', 'event'])
    expect(client.opened).toEqual([null, 'eng_fixture:1'])
  })

  test('follows other topics without missing what happens between', async () => {
    const { engine, client, connection, messages } = connect()
    await vi.waitUntil(() => connection.view.status === 'live')
    connection.setTopics(['flows', 'workers'])
    engine.publish('flow.updated', makeFlow({ name: 'a' }))
    await expect.poll(() => messages).toEqual(['hello', 'resumed', 'event'])
    expect(client.opened).toEqual([null, 'eng_fixture:0'])
  })

  test('asks from the start after the engine has forgotten the place', async () => {
    const { client, connection, messages } = connect()
    await vi.waitUntil(() => connection.view.status === 'live')
    client.isForgetful = true
    client.cut()
    await vi.waitUntil(() => messages.includes('reset'))
    client.cut()
    await vi.waitUntil(() => client.opened.length === 3)
    expect(client.opened).toEqual([null, 'eng_fixture:0', null])
  })
})
