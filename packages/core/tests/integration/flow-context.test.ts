import {
  all,
  current,
  flow,
  FlowEngine,
  map,
  memoryStorage,
  scope,
  sleep,
  step,
  task,
  type Flow,
  type FlowContext,
  type FlowOptions,
} from '@perfect/core'
import { afterAll, afterEach, describe, expect, it } from 'vitest'

import { ManualClock } from '../../src/testing/manual-clock.ts'

// Made outside of every flow, as a pool of a driver is: what it runs has lost the async context of who asked for it.
const jobs: (() => void)[] = []
const pump = setInterval(() => {
  for (const job of jobs.splice(0)) job()
}, 1)
afterAll(() => clearInterval(pump))
const elsewhere = <T>(run: () => Promise<T>): Promise<T> =>
  new Promise((resolve, reject) => jobs.push(() => void run().then(resolve, reject)))

const engines: FlowEngine[] = []
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.stop({ drainMs: 0 })))
})

async function keysOf<R>(definition: Flow<void, R>) {
  const engine = new FlowEngine({ storage: memoryStorage() })
  engines.push(engine)
  engine.registerFlow(definition)
  const run = await engine.triggerFlow(definition)
  const result = await run.result()
  const { tasks } = await engine.getRunDetail(run.id)
  return { result, keys: tasks.map(({ key }) => key) }
}

const double = task('double', (n: number) => n * 2)

const explicit = async (ctx: FlowContext): Promise<unknown> => {
  const first = await ctx.step('first', { weight: 2 }, ({ key }) => key)
  const doubled = await ctx.map('items', [1, 2], (n, _index, { call }) => call(double, n), { key: (n) => n })
  const settled = await ctx.map('risky', [1], (n, _index, item) => item.step('one', () => n), { settle: true })
  const { left, right } = await ctx.all({ left: ({ step: own }) => own('work', () => 'l'), right: () => 'r' })
  const inner = await ctx.scope('inner', (inside) => inside.scope('most', (most) => most.call(double, 4)))
  await ctx.sleep(1)
  return [first, doubled, settled, left, right, inner, await ctx.call(double, 5), ctx.current().key]
}

const ambientForm = async (): Promise<unknown> => {
  const first = await step('first', { weight: 2 }, ({ key }) => key)
  const doubled = await map('items', [1, 2], (n) => double(n), { key: (n) => n })
  const settled = await map('risky', [1], (n) => step('one', () => n), { settle: true })
  const { left, right } = await all({ left: () => step('work', () => 'l'), right: () => 'r' })
  const inner = await scope('inner', () => scope('most', () => double(4)))
  await sleep(1)
  return [first, doubled, settled, left, right, inner, await double(5), current().key]
}

describe('the explicit form of a flow', () => {
  it('records the same as the ambient one, also where the async context is lost', async () => {
    const ambient = await keysOf(flow('ambient', () => ambientForm()))
    expect(ambient.keys).toContain('inner#1/most#1/double#1')
    expect(await keysOf(flow('explicit', (_input, ctx) => explicit(ctx)))).toEqual(ambient)
    expect(await keysOf(flow('lost', (_input, ctx) => elsewhere(() => explicit(ctx))))).toEqual(ambient)
  })

  it('is needed there: the ambient form makes ordinary calls, which nothing records', async () => {
    const { keys } = await keysOf(flow('lost', () => elsewhere(() => step('first', () => 1))))
    expect(keys).toEqual([])
  })

  it('is replayed', async () => {
    const clock = new ManualClock()
    const engine = new FlowEngine({ storage: memoryStorage({ clock }), clock })
    engines.push(engine)
    let runs = 0
    const nap = flow('nap', async (_input: undefined, ctx) => {
      const count = await ctx.step('count', () => ++runs)
      await ctx.sleep('1h')
      return ctx.step('again', () => count)
    })
    engine.registerFlow(nap)
    const run = await engine.triggerFlow(nap)
    await clock.advance(3_700_000)
    expect([await run.result(), runs]).toEqual([1, 1])
  })

  it('makes ordinary calls inside a task, and outside of an engine', async () => {
    const nested = flow('nested', (_input, ctx) => ctx.step('outer', () => ctx.step('inner', () => ctx.current().key)))
    expect(await keysOf(nested)).toEqual({ result: 'outer#1', keys: ['outer#1'] })
    const plain = flow('plain', (_input, ctx) => explicit(ctx))
    expect(await plain()).toEqual(['none', [2, 4], [{ ok: true, value: 1 }], 'l', 'r', 8, 10, 'none'])
  })
})

describe('configurations of a flow', () => {
  const talk = (name: string, options: FlowOptions = {}): Flow<void, void> =>
    flow(name, options, () => current().log.debug('details'))
  const configurations = { release: { logLevel: 'debug' } } as const

  it('change what a configuration of the engine means for its own runs', async () => {
    const engine = new FlowEngine({ storage: memoryStorage() })
    engines.push(engine)
    const lines = async (definition: Flow<void, void>, configuration: string): Promise<readonly string[]> => {
      const run = await engine.triggerFlow(definition, { configuration })
      await run.result()
      return (await engine.getLogs(run.id)).items.map(({ message }) => message)
    }
    const [plain, chatty] = [talk('plain'), talk('chatty', { configurations })]
    engine.registerFlow(plain)
    engine.registerFlow(chatty)
    expect(await lines(plain, 'release')).not.toContain('details')
    expect(await lines(chatty, 'release')).toContain('details')
    expect(await lines(chatty, 'development')).not.toContain('details')
  })

  it('are refused when the engine has no configuration of the name', () => {
    const engine = new FlowEngine({ storage: memoryStorage() })
    engines.push(engine)
    const odd = talk('odd', { configurations: { staging: { logLevel: 'debug' } } })
    expect(() => engine.registerFlow(odd)).toThrow('Configuration "staging" is not known')
    expect(engine.getFlows()).toEqual([])
  })
})
