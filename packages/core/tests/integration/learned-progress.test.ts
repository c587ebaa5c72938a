import { flow, step, type EstimateModelRecord } from '@perfect/core'
import { describe, expect, it } from 'vitest'

import { testEngine, type TestEngine } from '../../src/testing/test-engine/test-engine.ts'

const KEY = { flowId: 'load', family: '1', configuration: 'development' }

/** A flow of ten seconds, eight of which are a loop. */
async function startEngine(): Promise<TestEngine> {
  const pass = (ms: number): Promise<void> => new Promise((resolve) => test.clock.setTimer(ms, resolve))
  const load = flow('load', async () => {
    await step('list', () => pass(1000))
    for (let page = 0; page < 4; page++) await step('page', () => pass(2000))
    await step('report', () => pass(1000))
  })
  const test = await testEngine({ flows: [load], patienceMs: 1, verifyReplays: false })
  return test
}

async function runOnce(test: TestEngine, configuration = 'development'): Promise<void> {
  await test.engine.triggerFlow('load', configuration)
  await test.advance('1m')
}

/** The percent that a run shows after so many ms. */
async function percents(test: TestEngine, times: readonly number[]): Promise<number[]> {
  const { id } = await test.engine.triggerFlow('load')
  const shown: number[] = []
  let passed = 0
  for (const time of times) {
    await test.advance(time - passed)
    passed = time
    shown.push((await test.engine.getRun(id)).progress.percent)
  }
  await test.advance('1m')
  return shown
}

const modelOf = (test: TestEngine): Promise<EstimateModelRecord | undefined> => test.storage.estimates.get(KEY)

describe('progress of a flow that declares nothing', () => {
  it('goes by what past runs took, from the second run on', async () => {
    await using test = await startEngine()
    expect((await percents(test, [9500]))[0]).toBeLessThan(90)
    expect(await percents(test, [500, 1000, 5000, 9000, 9500])).toEqual([5, 10, 50, 90, 95])
  })

  it('is never mixed over configurations', async () => {
    await using test = await startEngine()
    await runOnce(test)
    const { id } = await test.engine.triggerFlow('load', 'release')
    await test.advance(500)
    expect((await test.engine.getRun(id)).progress.segments.map(({ name }) => name)).toEqual(['list'])
  })

  it('is stored, and is there at once after a restart', async () => {
    await using test = await startEngine()
    await runOnce(test)
    expect(await modelOf(test)).toMatchObject(KEY)
    await test.restart()
    expect(await percents(test, [500, 5000])).toEqual([5, 50])
  })

  it('is made again from the runs when what was stored is lost or cannot be read', async () => {
    await using test = await startEngine()
    await runOnce(test)
    await test.restart()
    await test.storage.commit([{ type: 'estimate.put', model: { ...KEY, state: '{"v":99}', updatedAt: 0 } }])
    await runOnce(test)
    const { state } = (await modelOf(test)) ?? { state: '{}' }
    expect(JSON.parse(state)).toMatchObject({
      runs: [{ id: expect.any(String) as string }, { id: expect.any(String) as string }],
    })
  })

  it('keeps its percent, and what it knows, when a run is taken over by another engine', async () => {
    await using test = await startEngine()
    await runOnce(test)
    const { id } = await test.engine.triggerFlow('load')
    await test.advance(6500)
    const before = (await test.engine.getRun(id)).progress
    await test.crash()
    await test.advance(1000)
    const after = (await test.engine.getRun(id)).progress
    expect(before.percent).toBe(65)
    expect(after.percent).toBe(before.percent)
    expect(after.segments.map(({ name }) => name)).toEqual(['list', 'page', 'report'])
  })

  it('learns from a run before it ends with its engine', async () => {
    await using test = await startEngine()
    await test.engine.triggerFlow('load')
    await test.advance('10s')
    await test.restart()
    expect(await modelOf(test)).toMatchObject(KEY)
  })
})
