import { memoryStorage, PerfectError, type Change, type EngineOptions } from '@perfect/core'
import { interceptStorage } from '@perfect/core/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { AlertHost, alertOf, fails, runOf, SECOND } from './alert-host.ts'

let host: AlertHost
let reported: unknown[]

beforeEach(() => {
  host = new AlertHost()
  reported = []
  return host.open()
})
afterEach(() => host.close())

/** A storage whose commits of a kind fail so many times, stored or not. */
function failing(type: Change['type'], times: number, moment: 'before' | 'after'): EngineOptions {
  let left = times
  const storage = interceptStorage(memoryStorage({ clock: host.clock }), async ({ changes }, proceed) => {
    if (left === 0 || changes?.some((change) => change.type === type) !== true) return proceed()
    left--
    if (moment === 'after') await proceed()
    throw new PerfectError('STORAGE_UNAVAILABLE', 'Away.')
  })
  return { storage, logger: { debug: ignore, info: ignore, warn: ignore, error: (fields) => reported.push(fields) } }
}

const ignore = (): void => undefined

describe('an alert, when the storage is away', () => {
  it('is delivered once when its claims were not stored: nothing is sent without one', async () => {
    const engine = await host.start([host.webhook(['failed'])], failing('alert.claim', 3, 'before'))
    engine.registerFlow(fails)
    await runOf(engine, 'fails', 1)
    await host.clock.advance(100)
    expect([host.receiver.received.length, (await alertOf(engine)).attempts]).toEqual([0, 0])
    await host.clock.advance(15 * SECOND)
    await host.until(async () => (await alertOf(engine)).state === 'delivered')
    expect([host.receiver.received.length, reported.length > 0]).toEqual([1, true])
  })

  it('is left until its claim is over when the answer to the claim was lost', async () => {
    const engine = await host.start([host.webhook(['failed'])], failing('alert.claim', 1, 'after'))
    engine.registerFlow(fails)
    await runOf(engine, 'fails', 1)
    await host.clock.advance(50 * SECOND)
    expect([host.receiver.received.length, (await alertOf(engine)).attempts]).toEqual([0, 1])
    await host.clock.advance(11 * SECOND)
    await host.until(async () => (await alertOf(engine)).state === 'delivered')
    expect([host.receiver.received.length, (await alertOf(engine)).attempts]).toEqual([1, 2])
  })

  it('is delivered again, with the same id, when nobody could note that it was', async () => {
    const engine = await host.start([host.webhook(['failed'])], failing('alert.settle', 1, 'before'))
    engine.registerFlow(fails)
    await runOf(engine, 'fails', 1)
    await host.until(() => host.receiver.received.length === 1)
    await host.clock.advance(61 * SECOND)
    await host.until(async () => (await alertOf(engine)).state === 'delivered')
    const [first, second, ...more] = host.receiver.received
    expect([second?.id, more]).toEqual([first?.id, []])
  })

  it('is not lost, and not doubled, when the answer to the end of its run was lost', async () => {
    const engine = await host.start([host.webhook(['failed'])], failing('run.finish', 1, 'after'))
    engine.registerFlow(fails)
    const { id } = await engine.triggerFlow(fails, { input: 1 })
    await host.until(async () => (await engine.getRun(id)).status === 'failed')
    await host.clock.advance(10 * SECOND)
    await host.until(() => host.receiver.received.length === 1)
    await host.clock.advance(70 * SECOND)
    expect((await engine.getAlerts()).items).toHaveLength(1)
    expect(host.receiver.received).toHaveLength(1)
  })
})
