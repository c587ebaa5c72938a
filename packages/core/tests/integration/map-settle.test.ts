import { flow, FlowEngine, map, memoryStorage, sleep, task, type SettleOptions, type Settled } from '@perfect/core'
import { afterEach, describe, expect, it } from 'vitest'

import { ManualClock } from '../../src/testing/manual-clock.ts'

const engines: FlowEngine[] = []
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.stop({ drainMs: 0 })))
})

function engineOf(one: Parameters<FlowEngine['registerFlow']>[0], clock = new ManualClock()): FlowEngine {
  const engine = new FlowEngine({ storage: memoryStorage({ clock }), clock })
  engines.push(engine)
  engine.registerFlow(one)
  return engine
}

/** A map over numbers of which the negative ones fail; it counts those that were started. */
function numbers(settle: true | SettleOptions, concurrency = 1) {
  const started: number[] = []
  const check = task('check', (n: number) => {
    started.push(n)
    if (n < 0) throw new Error(`${String(n)} is negative`)
    return n * 10
  })
  const key = (n: number): number => n
  const run = (items: readonly number[]): Promise<Settled<number>[]> =>
    map('numbers', items, (n) => check(n), { key, concurrency, settle })
  return { definition: flow('numbers', run), run, started }
}

const messages = (settled: readonly Settled<number>[]): unknown[] =>
  settled.map((item) => (item.ok ? item.value : item.error instanceof Error && item.error.message))

describe('map() with settle', () => {
  it('gives the result or the error of each item, in the order of the items', async () => {
    const { definition } = numbers(true, 4)
    const engine = engineOf(definition)
    const run = await engine.triggerFlow(definition, { input: [1, -2, 3, -4] })
    expect(messages(await run.result())).toEqual([10, '-2 is negative', 30, '-4 is negative'])
    expect((await engine.getRun(run.id)).progress).toMatchObject({ percent: 100, done: 4, total: 4 })
  })

  it('starts no further item when more have failed than may, and fails with the counts and first errors', async () => {
    const { definition, started } = numbers({ maxFailures: 1 })
    const run = await engineOf(definition).triggerFlow(definition, { input: [1, -2, -3, 4, 5] })
    const details = { items: 5, failed: 2, succeeded: 1, notStarted: 2, maxFailures: 1 }
    const error = await run.result().catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'MAP_FAILED', details })
    expect(error).toHaveProperty(
      'message',
      'Map "numbers": 2 of 5 items failed, 1 succeeded, 2 did not start; at most 1 may fail. ' +
        'First failures: [-2] -2 is negative; [-3] -3 is negative',
    )
    expect(error).toHaveProperty('cause.message', '-2 is negative')
    expect(started).toEqual([1, -2, -3])
  })

  it('fails as soon as too few items can still succeed', async () => {
    const { definition, started } = numbers({ minSuccesses: 3 })
    const run = await engineOf(definition).triggerFlow(definition, { input: [-1, -2, 3, 4] })
    await expect(run.result()).rejects.toMatchObject({ code: 'MAP_FAILED', details: { failed: 2, notStarted: 2 } })
    expect(started).toEqual([-1, -2])
    const few = await engineOf(definition).triggerFlow(definition, { input: [1, 2] })
    await expect(few.result()).rejects.toMatchObject({ code: 'MAP_FAILED', details: { failed: 0, notStarted: 2 } })
  })

  it('waits for the items that run before it fails', async () => {
    const ended: string[] = []
    const work = task('work', async (item: string) => {
      await new Promise((resolve) => setImmediate(resolve))
      ended.push(item)
      if (item === 'a') throw new Error('no')
    })
    const definition = flow('work', () =>
      map('items', ['a', 'b', 'c'], (item) => work(item), { concurrency: 2, settle: { maxFailures: 0 } }),
    )
    const run = await engineOf(definition).triggerFlow(definition)
    await expect(run.result()).rejects.toMatchObject({ code: 'MAP_FAILED', details: { succeeded: 1, notStarted: 1 } })
    expect(ended).toEqual(['a', 'b'])
  })

  it('gives the same on replay, without running recorded items again', async () => {
    const clock = new ManualClock()
    const { run: inner, started } = numbers(true, 2)
    const definition = flow('numbers', async (items: readonly number[]) => {
      const settled = await inner(items)
      await sleep('1h')
      return messages(settled)
    })
    const engine = engineOf(definition, clock)
    const run = await engine.triggerFlow(definition, { input: [1, -2, 3] })
    await clock.advance(3_700_000)
    expect(await run.result()).toEqual([10, '-2 is negative', 30])
    expect(await engine.getRun(run.id)).toMatchObject({ status: 'succeeded', epoch: 2 })
    expect(started).toEqual([1, -2, 3])
  })

  it('does not collect the cancellation of its own run', async () => {
    const clock = new ManualClock()
    let isSettled = false
    const rest = flow('rest', async () => {
      await map('naps', [1, 2], () => sleep('1s'), { settle: true })
      isSettled = true
    })
    const engine = engineOf(rest, clock)
    const run = await engine.triggerFlow(rest)
    await run.cancel()
    await expect(run.result()).rejects.toMatchObject({ code: 'RUN_CANCELLED' })
    expect(isSettled).toBe(false)
  })

  it('works the same without an engine', async () => {
    expect(messages(await numbers(true).definition([1, -2]))).toEqual([10, '-2 is negative'])
    await expect(numbers({ maxFailures: 0 }).definition([-1, 2])).rejects.toMatchObject({ code: 'MAP_FAILED' })
  })

  it.each([{ maxFailures: -1 }, { minSuccesses: 0.5 }])('refuses %j before anything runs', async (settle) => {
    const { definition, started } = numbers(settle)
    await expect(definition([1])).rejects.toMatchObject({ code: 'TASK_DEFINITION_INVALID' })
    expect(started).toEqual([])
  })
})
