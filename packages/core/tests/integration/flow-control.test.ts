import { flow, type FlowEngine, sleep, step, task } from '@perfect/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { Gauge, LimitHost, shortestSpan } from './limit-host.ts'

const code = (expected: string) => expect.objectContaining({ code: expected }) as Error

let host: LimitHost

beforeEach(() => {
  host = new LimitHost()
})
afterEach(() => host.stop())

describe('limits of a flow', () => {
  it('are never exceeded over engines that share a storage, in all and by key (I11)', async () => {
    const gauge = new Gauge(host.clock)
    const limited = flow(
      'limited',
      { concurrency: { limit: 3, perKey: { limit: 2, key: (customer: string) => customer } } },
      (customer: string) => step('work', () => gauge.hold(customer)),
    )
    const [one, other] = [await host.start([limited]), await host.start([limited])]
    for (let index = 0; index < 20; index++) {
      const engine = index % 2 === 0 ? one : other
      await engine.triggerFlow(limited, { input: index < 15 ? 'a' : 'b' })
    }
    for (let second = 0; second < 120; second++) await host.clock.advance(1000)
    expect(gauge.starts).toHaveLength(20)
    expect(Object.fromEntries(gauge.most)).toEqual({ all: 3, a: 2, b: expect.any(Number) as number })
    expect(gauge.most.get('b')).toBeLessThanOrEqual(2)
    // A long line of one key does not keep the other from its turn.
    expect(gauge.starts.slice(0, 8)).toContain('b')
    expect((await one.getRuns({ statuses: ['succeeded'] })).items).toHaveLength(20)
  })

  it('are given back while a run sleeps', async () => {
    const order: string[] = []
    const single = flow('single', { concurrency: 1 }, async (name: string) => {
      await step('before', () => order.push(`${name} before`))
      await sleep('1h')
      await step('after', () => order.push(`${name} after`))
    })
    const engine = await host.start([single])
    await engine.triggerFlow(single, { input: 'a' })
    await engine.triggerFlow(single, { input: 'b' })
    await host.clock.advance(60_000)
    expect(order).toEqual(['a before', 'b before'])
    for (let minute = 0; minute < 70; minute++) await host.clock.advance(60_000)
    expect(order).toHaveLength(4)
  })

  it('let only so many runs start in any stretch of time', async () => {
    const starts: number[] = []
    const paced = flow('paced', { rateLimit: { limit: 2, per: '10s' } }, () =>
      step('start', () => starts.push(host.clock.now())),
    )
    const engine = await host.start([paced])
    for (let index = 0; index < 7; index++) await engine.triggerFlow(paced)
    for (let second = 0; second < 60; second++) await host.clock.advance(1000)
    expect(starts).toHaveLength(7)
    expect(shortestSpan(starts, 2)).toBeGreaterThanOrEqual(10_000)
  })

  it('count the start of a run once, however often it sleeps', async () => {
    const ends: number[] = []
    const paced = flow('paced', { rateLimit: { limit: 1, per: '1h' } }, async () => {
      await sleep('2m')
      await sleep('2m')
      ends.push(host.clock.now())
    })
    const engine = await host.start([paced])
    await engine.triggerFlow(paced)
    for (let minute = 0; minute < 5; minute++) await host.clock.advance(60_000)
    expect(ends).toHaveLength(1)
  })

  it('let a run go on that has slept, while others wait for the rate', async () => {
    const paced = flow('paced', { rateLimit: { limit: 1, per: '1h' } }, () => sleep('2m'))
    const engine = await host.start([paced])
    const [first, second] = [await engine.triggerFlow(paced), await engine.triggerFlow(paced)]
    for (let minute = 0; minute < 5; minute++) await host.clock.advance(60_000)
    expect((await engine.getRun(first.id)).status).toBe('succeeded')
    expect((await engine.getRun(second.id)).status).toBe('queued')
    for (let minute = 0; minute < 60; minute++) await host.clock.advance(60_000)
    expect((await engine.getRun(second.id)).status).toBe('succeeded')
  })

  it('are refused when they are none', () => {
    expect(() => flow('none', { concurrency: 0 }, () => 1)).toThrow(code('FLOW_DEFINITION_INVALID'))
    expect(() => flow('none', { rateLimit: { limit: 1.5, per: '1s' } }, () => 1)).toThrow(
      code('FLOW_DEFINITION_INVALID'),
    )
    expect(() => task('none', { concurrency: -1 }, () => 1)).toThrow(code('TASK_DEFINITION_INVALID'))
    expect(() => task('none', { rateLimit: { limit: 1, per: 'soon' as '1s' } }, () => 1)).toThrow(
      code('DURATION_INVALID'),
    )
  })
})

describe('the line', () => {
  it('goes by priority, and waiting long beats any priority', async () => {
    const order: string[] = []
    const work = flow('work', { priority: (name: string) => (name === 'by flow' ? 3 : 0) }, (name: string) =>
      step('do', async () => {
        order.push(name)
        await new Promise<void>((resolve) => host.clock.setTimer(1000, resolve))
      }),
    )
    const engine = await host.start([work], { concurrency: 1 })
    await engine.triggerFlow(work, { input: 'first' })
    await engine.triggerFlow(work, { input: 'low', priority: -1 })
    await engine.triggerFlow(work, { input: 'plain' })
    await engine.triggerFlow(work, { input: 'high', priority: 5 })
    await engine.triggerFlow(work, { input: 'by flow' })
    for (let second = 0; second < 10; second++) await host.clock.advance(1000)
    expect(order).toEqual(['first', 'high', 'by flow', 'plain', 'low'])
    await expect(engine.triggerFlow(work, { input: 'x', priority: 11 })).rejects.toThrow(code('REQUEST_INVALID'))
  })

  it('holds a run back until its time', async () => {
    const later = flow('later', () => 1)
    const engine = await host.start([later])
    const run = await engine.triggerFlow(later, { delay: '1h' })
    const dated = await engine.triggerFlow(later, { startAt: new Date(host.clock.now() + 7_200_000) })
    await host.clock.advance(1000)
    expect(await engine.getRun(run.id)).toMatchObject({ status: 'scheduled' })
    await host.clock.advance(3_600_000)
    expect((await engine.getRun(run.id)).status).toBe('succeeded')
    await host.clock.advance(3_600_000)
    expect((await engine.getRun(dated.id)).status).toBe('succeeded')
    await expect(engine.triggerFlow(later, { delay: '1h', startAt: new Date() })).rejects.toThrow(
      code('REQUEST_INVALID'),
    )
  })

  it('gives the run that is the same work already, as long as it has not ended', async () => {
    const inputs: unknown[] = []
    const sync = flow('sync', (input: string) => step('do', () => inputs.push(input)))
    const engine = await host.start([sync])
    const first = await engine.triggerFlow(sync, { input: 'a', delay: '1h', dedupe: { key: 'x' } })
    const same = await engine.triggerFlow(sync, { input: 'b', delay: '1h', dedupe: { key: 'x' } })
    expect(same.id).toBe(first.id)
    await host.clock.advance(3_700_000)
    const next = await engine.triggerFlow(sync, { input: 'c', dedupe: { key: 'x' } })
    await host.clock.advance(1000)
    expect(next.id).not.toBe(first.id)
    expect(inputs).toEqual(['a', 'c'])
  })

  it('puts a debounced run off with each trigger, gives it the last input, and not for ever', async () => {
    const inputs: unknown[] = []
    const save = flow('save', (input: number) => step('do', () => inputs.push(input)))
    const engine = await host.start([save])
    const debounce = { key: 'doc', delay: '10s', maxWait: '25s' } as const
    for (let index = 1; index <= 6; index++) {
      await engine.triggerFlow(save, { input: index, debounce })
      await host.clock.advance(5000)
    }
    expect(inputs).toEqual([5])
    await host.clock.advance(30_000)
    expect(inputs).toEqual([5, 6])
  })

  it('finds runs by tags and attributes', async () => {
    const tagged = flow('tagged', { tags: ['billing'] }, () => 1)
    const engine = await host.start([tagged])
    const run = await engine.triggerFlow(tagged, { tags: ['urgent'], attributes: { customer: 7, vip: true } })
    const plain = await engine.triggerFlow(tagged)
    await host.clock.advance(100)
    const ids = async (filter: Parameters<FlowEngine['getRuns']>[0]) =>
      (await engine.getRuns(filter)).items.map(({ id }) => id)
    expect(await ids({ tags: ['urgent', 'billing'] })).toEqual([run.id])
    expect(await ids({ attributes: { customer: 7 } })).toEqual([run.id])
    expect(await ids({ tags: ['billing'], not: { attributes: { vip: true } } })).toEqual([plain.id])
    await expect(engine.triggerFlow(tagged, { tags: [''] })).rejects.toThrow(code('REQUEST_INVALID'))
  })
})
