import {
  flow,
  FlowEngine,
  memoryStorage,
  sleep,
  step,
  task,
  type EngineOptions,
  type Flow,
  type Storage,
} from '@perfect/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { ManualClock } from '../../src/testing/manual-clock.ts'

const code = (expected: string) => expect.objectContaining({ code: expected }) as Error

let clock: ManualClock
let storage: Storage
let engines: FlowEngine[]

beforeEach(() => {
  clock = new ManualClock()
  storage = { ...memoryStorage({ clock }), close: () => Promise.resolve() }
  engines = []
})
afterEach(async () => {
  const stopping = Promise.all(engines.map((engine) => engine.stop({ drainMs: 0 })))
  await clock.advance(100)
  await stopping
})

// oxlint-disable-next-line typescript/no-explicit-any -- flows of any input and output
async function startEngine(flows: readonly Flow<any, any>[], options: EngineOptions = {}): Promise<FlowEngine> {
  const engine = new FlowEngine({ storage, clock, ...options })
  engines.push(engine)
  for (const one of flows) engine.registerFlow(one)
  await engine.start()
  return engine
}

/** Counts what runs at the same time, in all and by key. */
class Gauge {
  readonly starts: string[] = []
  readonly most = new Map<string, number>()
  readonly #now = new Map<string, number>()

  async hold(key: string, durationMs = 1000): Promise<void> {
    this.starts.push(key)
    for (const one of ['all', key]) {
      const count = (this.#now.get(one) ?? 0) + 1
      this.#now.set(one, count)
      this.most.set(one, Math.max(count, this.most.get(one) ?? 0))
    }
    await new Promise<void>((resolve) => clock.setTimer(durationMs, resolve))
    for (const one of ['all', key]) this.#now.set(one, (this.#now.get(one) ?? 0) - 1)
  }
}

/** The shortest time in which one more than so many started. */
function shortestSpan(starts: readonly number[], count: number): number {
  return Math.min(...starts.slice(count).map((start, index) => start - (starts[index] ?? 0)))
}

describe('limits of a flow', () => {
  it('are never exceeded over engines that share a storage, in all and by key (I11)', async () => {
    const gauge = new Gauge()
    const limited = flow(
      'limited',
      { concurrency: { limit: 3, perKey: { limit: 2, key: (customer: string) => customer } } },
      (customer: string) => step('work', () => gauge.hold(customer)),
    )
    const [one, other] = [await startEngine([limited]), await startEngine([limited])]
    for (let index = 0; index < 20; index++) {
      const engine = index % 2 === 0 ? one : other
      await engine.triggerFlow(limited, { input: index < 15 ? 'a' : 'b' })
    }
    for (let second = 0; second < 120; second++) await clock.advance(1000)
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
    const engine = await startEngine([single])
    await engine.triggerFlow(single, { input: 'a' })
    await engine.triggerFlow(single, { input: 'b' })
    await clock.advance(60_000)
    expect(order).toEqual(['a before', 'b before'])
    for (let minute = 0; minute < 70; minute++) await clock.advance(60_000)
    expect(order).toHaveLength(4)
  })

  it('let only so many runs start in any stretch of time', async () => {
    const starts: number[] = []
    const paced = flow('paced', { rateLimit: { limit: 2, per: '10s' } }, () =>
      step('start', () => starts.push(clock.now())),
    )
    const engine = await startEngine([paced])
    for (let index = 0; index < 7; index++) await engine.triggerFlow(paced)
    for (let second = 0; second < 60; second++) await clock.advance(1000)
    expect(starts).toHaveLength(7)
    expect(shortestSpan(starts, 2)).toBeGreaterThanOrEqual(10_000)
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

describe('limits of a task', () => {
  it('are kept over all runs and engines, in the order of the calls', async () => {
    const gauge = new Gauge()
    const call = task('call', { concurrency: { limit: 2, key: (host: string) => host } }, (host: string) =>
      gauge.hold(host),
    )
    const user = flow('user', (host: string) => call(host))
    const [one, other] = [await startEngine([user]), await startEngine([user])]
    const runs = []
    for (let index = 0; index < 8; index++)
      runs.push(
        await (index % 2 === 0 ? one : other).triggerFlow(user, {
          input: index < 6 ? 'slow.example' : 'quick.example',
        }),
      )
    for (let second = 0; second < 20; second++) await clock.advance(1000)
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
    const engine = await startEngine([failing, hanging], { cancelGraceMs: 1000 })
    const [one, other] = [await engine.triggerFlow(failing), await engine.triggerFlow(failing)]
    const [held, waiting] = [await engine.triggerFlow(hanging), await engine.triggerFlow(hanging)]
    for (let second = 0; second < 20; second++) await clock.advance(1000)
    expect(attempts).toBe(4)
    await expect(one.result()).rejects.toThrow('no')
    await expect(other.result()).rejects.toThrow('no')
    await held.cancel()
    await waiting.cancel()
    for (let second = 0; second < 20; second++) await clock.advance(1000)
    expect((await engine.getRuns({ statuses: ['cancelled'] })).items).toHaveLength(2)
  })

  it('let only so many calls start in any stretch of time', async () => {
    const starts: number[] = []
    const paced = task('paced', { rateLimit: { limit: 3, per: '1m' } }, () => void starts.push(clock.now()))
    const many = flow('many', async () => {
      for (let index = 0; index < 7; index++) await paced()
    })
    const engine = await startEngine([many])
    const run = await engine.triggerFlow(many)
    for (let second = 0; second < 200; second++) await clock.advance(1000)
    await run.result()
    expect(starts).toHaveLength(7)
    expect(shortestSpan(starts, 3)).toBeGreaterThanOrEqual(60_000)
  })
})

describe('the line', () => {
  it('goes by priority, and waiting long beats any priority', async () => {
    const order: string[] = []
    const work = flow('work', { priority: (name: string) => (name === 'by flow' ? 3 : 0) }, (name: string) =>
      step('do', async () => {
        order.push(name)
        await new Promise<void>((resolve) => clock.setTimer(1000, resolve))
      }),
    )
    const engine = await startEngine([work], { concurrency: 1 })
    await engine.triggerFlow(work, { input: 'first' })
    await engine.triggerFlow(work, { input: 'low', priority: -1 })
    await engine.triggerFlow(work, { input: 'plain' })
    await engine.triggerFlow(work, { input: 'high', priority: 5 })
    await engine.triggerFlow(work, { input: 'by flow' })
    for (let second = 0; second < 10; second++) await clock.advance(1000)
    expect(order).toEqual(['first', 'high', 'by flow', 'plain', 'low'])
    await expect(engine.triggerFlow(work, { input: 'x', priority: 11 })).rejects.toThrow(code('REQUEST_INVALID'))
  })

  it('holds a run back until its time', async () => {
    const later = flow('later', () => 1)
    const engine = await startEngine([later])
    const run = await engine.triggerFlow(later, { delay: '1h' })
    const dated = await engine.triggerFlow(later, { startAt: new Date(clock.now() + 7_200_000) })
    await clock.advance(1000)
    expect(await engine.getRun(run.id)).toMatchObject({ status: 'scheduled' })
    await clock.advance(3_600_000)
    expect((await engine.getRun(run.id)).status).toBe('succeeded')
    await clock.advance(3_600_000)
    expect((await engine.getRun(dated.id)).status).toBe('succeeded')
    await expect(engine.triggerFlow(later, { delay: '1h', startAt: new Date() })).rejects.toThrow(
      code('REQUEST_INVALID'),
    )
  })

  it('gives the run that is the same work already, as long as it has not ended', async () => {
    const inputs: unknown[] = []
    const sync = flow('sync', (input: string) => step('do', () => inputs.push(input)))
    const engine = await startEngine([sync])
    const first = await engine.triggerFlow(sync, { input: 'a', delay: '1h', dedupe: { key: 'x' } })
    const same = await engine.triggerFlow(sync, { input: 'b', delay: '1h', dedupe: { key: 'x' } })
    expect(same.id).toBe(first.id)
    await clock.advance(3_700_000)
    const next = await engine.triggerFlow(sync, { input: 'c', dedupe: { key: 'x' } })
    await clock.advance(1000)
    expect(next.id).not.toBe(first.id)
    expect(inputs).toEqual(['a', 'c'])
  })

  it('puts a debounced run off with each trigger, gives it the last input, and not for ever', async () => {
    const inputs: unknown[] = []
    const save = flow('save', (input: number) => step('do', () => inputs.push(input)))
    const engine = await startEngine([save])
    const debounce = { key: 'doc', delay: '10s', maxWait: '25s' } as const
    for (let index = 1; index <= 6; index++) {
      await engine.triggerFlow(save, { input: index, debounce })
      await clock.advance(5000)
    }
    expect(inputs).toEqual([5])
    await clock.advance(30_000)
    expect(inputs).toEqual([5, 6])
  })

  it('finds runs by tags and attributes', async () => {
    const tagged = flow('tagged', { tags: ['billing'] }, () => 1)
    const engine = await startEngine([tagged])
    const run = await engine.triggerFlow(tagged, { tags: ['urgent'], attributes: { customer: 7, vip: true } })
    const plain = await engine.triggerFlow(tagged)
    await clock.advance(100)
    const ids = async (filter: Parameters<FlowEngine['getRuns']>[0]) =>
      (await engine.getRuns(filter)).items.map(({ id }) => id)
    expect(await ids({ tags: ['urgent', 'billing'] })).toEqual([run.id])
    expect(await ids({ attributes: { customer: 7 } })).toEqual([run.id])
    expect(await ids({ tags: ['billing'], not: { attributes: { vip: true } } })).toEqual([plain.id])
    await expect(engine.triggerFlow(tagged, { tags: [''] })).rejects.toThrow(code('REQUEST_INVALID'))
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
    const engine = await startEngine([convert])
    const result = async (currency: string): Promise<readonly unknown[]> => {
      const run = await engine.triggerFlow(convert, { input: currency })
      const text = await run.result()
      return [text, (await engine.getRunDetail(run.id)).tasks[0]?.origin]
    }
    expect(await result('eur')).toEqual(['eur 1', 'run'])
    expect(await result('eur')).toEqual(['eur 1', 'cache'])
    expect(await result('usd')).toEqual(['usd 2', 'run'])
    await clock.advance(3_600_001)
    expect(await result('eur')).toEqual(['eur 3', 'run'])
  })
})
