import { flow, task } from '@perfect/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { Gauge, LimitHost, shortestSpan } from './limit-host.ts'

let host: LimitHost

beforeEach(() => {
  host = new LimitHost()
})
afterEach(() => host.stop())

describe('limits of a task', () => {
  it('are kept over all runs and engines, in the order of the calls', async () => {
    const gauge = new Gauge(host.clock)
    const call = task('call', { concurrency: { limit: 2, key: (site: string) => site } }, (site: string) =>
      gauge.hold(site),
    )
    const user = flow('user', (site: string) => call(site))
    const [one, other] = [await host.start([user]), await host.start([user])]
    const runs = []
    for (let index = 0; index < 8; index++)
      runs.push(
        await (index % 2 === 0 ? one : other).triggerFlow(user, {
          input: index < 6 ? 'slow.example' : 'quick.example',
        }),
      )
    for (let second = 0; second < 20; second++) await host.clock.advance(1000)
    expect(gauge.starts).toHaveLength(8)
    expect([gauge.most.get('slow.example'), gauge.most.get('quick.example')]).toEqual([2, 2])
    await Promise.all(runs.map((run) => run.result()))
  })

  it('give the place back when the call fails, is tried again or is cancelled', async () => {
    let attempts = 0
    const flaky = task('flaky', { concurrency: 1, retry: { attempts: 2, backoff: 2000 } }, () => {
      attempts++
      throw new Error('no')
    })
    const stuck = task('stuck', { concurrency: 1 }, () => new Promise(() => undefined))
    const failing = flow('failing', () => flaky())
    const hanging = flow('hanging', () => stuck())
    const engine = await host.start([failing, hanging], { cancelGraceMs: 1000 })
    const [one, other] = [await engine.triggerFlow(failing), await engine.triggerFlow(failing)]
    const [held, waiting] = [await engine.triggerFlow(hanging), await engine.triggerFlow(hanging)]
    for (let second = 0; second < 20; second++) await host.clock.advance(1000)
    expect(attempts).toBe(4)
    await expect(one.result()).rejects.toThrow('no')
    await expect(other.result()).rejects.toThrow('no')
    await held.cancel()
    await waiting.cancel()
    for (let second = 0; second < 20; second++) await host.clock.advance(1000)
    expect((await engine.getRuns({ statuses: ['cancelled'] })).items).toHaveLength(2)
  })

  it('show who waits in line, for which limit, and in which place', async () => {
    const gauge = new Gauge(host.clock)
    const call = task('call', { concurrency: { limit: 1, key: () => 'x' } }, () => gauge.hold('x'))
    const many = flow('many', () => Promise.all([call(), call(), call()]))
    const engine = await host.start([many])
    const updates: unknown[] = []
    engine.on('task.updated', ({ task: { key, status } }) => updates.push([key, status]))
    const run = await engine.triggerFlow(many)
    await host.clock.advance(500)
    const shown = async () =>
      (await engine.getRunDetail(run.id)).tasks
        .map(({ key, status, line }) => [key, status, line?.place ?? null] as const)
        .toSorted(([left], [right]) => left.localeCompare(right))
    expect(await shown()).toEqual([
      ['call#1', 'running', null],
      ['call#2', 'waiting', 1],
      ['call#3', 'waiting', 2],
    ])
    expect((await engine.getRunDetail(run.id)).tasks.find(({ key }) => key === 'call#3')?.line).toEqual({
      limit: 'task:call:x',
      max: 1,
      perMs: null,
      place: 2,
    })
    await host.clock.advance(1000)
    expect((await shown()).slice(1)).toEqual([
      ['call#2', 'running', null],
      ['call#3', 'waiting', 1],
    ])
    await host.clock.advance(2000)
    expect((await engine.getRun(run.id)).status).toBe('succeeded')
    expect(updates).toContainEqual(['call#3', 'waiting'])
  })

  it('keep no run from being given back that only waits in line', async () => {
    const stuck = task(
      'stuck',
      { concurrency: 1 },
      () => new Promise((resolve) => void host.clock.setTimer(60_000, () => resolve(null))),
    )
    const hanging = flow('hanging', () => stuck())
    const [one, other] = [await host.start([hanging]), await host.start([hanging])]
    await other.triggerFlow(hanging)
    await host.clock.advance(100)
    const waiting = await one.triggerFlow(hanging)
    await host.clock.advance(100)
    await one.pauseRun(waiting.id)
    await host.clock.advance(100)
    expect(await one.getRun(waiting.id)).toMatchObject({ status: 'waiting', reason: 'paused' })
    await one.resumeRun(waiting.id)
    await host.clock.advance(100)
    await one.stop({ drainMs: 1 })
    expect(['queued', 'running']).toContain((await other.getRun(waiting.id)).status)
  })

  it('let only so many calls start in any stretch of time', async () => {
    const starts: number[] = []
    const paced = task('paced', { rateLimit: { limit: 3, per: '1m' } }, () => void starts.push(host.clock.now()))
    const many = flow('many', async () => {
      for (let index = 0; index < 7; index++) await paced()
    })
    const engine = await host.start([many])
    const run = await engine.triggerFlow(many)
    for (let second = 0; second < 200; second++) await host.clock.advance(1000)
    await run.result()
    expect(starts).toHaveLength(7)
    expect(shortestSpan(starts, 3)).toBeGreaterThanOrEqual(60_000)
  })
})

describe('the cache of a task', () => {
  it('gives the result to other calls with its key until it is too old', async () => {
    let calls = 0
    const rate = task(
      'rate',
      { cache: { key: (currency: string) => currency, ttl: '1h' } },
      (currency: string) => `${currency} ${String(++calls)}`,
    )
    const convert = flow('convert', (currency: string) => rate(currency))
    const engine = await host.start([convert])
    const result = async (currency: string): Promise<readonly unknown[]> => {
      const run = await engine.triggerFlow(convert, { input: currency })
      const text = await run.result()
      return [text, (await engine.getRunDetail(run.id)).tasks[0]?.origin]
    }
    expect(await result('eur')).toEqual(['eur 1', 'run'])
    expect(await result('eur')).toEqual(['eur 1', 'cache'])
    expect(await result('usd')).toEqual(['usd 2', 'run'])
    await host.clock.advance(3_600_001)
    expect(await result('eur')).toEqual(['eur 3', 'run'])
  })
})
