import { flow, sleep, step } from '@perfect/core'
import { describe, expect, it } from 'vitest'

import { testEngine } from '../../src/testing/test-engine/test-engine.ts'

describe('F-26 a storm', () => {
  it('of 3,000 triggers and 500 cancels at once ends every run, none twice, within the limit of the engine', async () => {
    let running = 0
    let most = 0
    const starts = new Map<number, number>()
    const one = flow('one', async (number: number) => {
      await step('work', async () => {
        starts.set(number, (starts.get(number) ?? 0) + 1)
        most = Math.max(most, ++running)
        await Promise.resolve()
        running--
      })
      return number
    })
    await using kit = await testEngine({ flows: [one], engine: { concurrency: 20 }, patienceMs: 1 })
    const handles = await Promise.all(
      Array.from({ length: 3000 }, (_, number) =>
        kit.engine.triggerFlow(one, { input: number, configuration: 'release' }),
      ),
    )
    await Promise.allSettled(handles.slice(-500).map((handle) => handle.cancel()))
    await kit.advance('1m')
    const counts = await kit.storage.stats.counts()
    expect((counts.succeeded ?? 0) + (counts.cancelled ?? 0)).toBe(3000)
    expect(counts.cancelled).toBeGreaterThan(0)
    expect([most <= 20, [...starts.values()].every((times) => times === 1)]).toEqual([true, true])
  })

  it('of retries against something that is dead is spread over time by jitter', async () => {
    const attempts: number[] = []
    const call = flow('call', () =>
      step('call', { retry: { attempts: 3, backoff: { first: '10s' } } }, ({ attempt }) => {
        if (attempt === 2) attempts.push(kit.clock.monotonic())
        throw new Error('dead')
      }),
    )
    await using kit = await testEngine({ flows: [call] })
    for (let index = 0; index < 200; index++) await kit.engine.triggerFlow(call, { configuration: 'release' })
    await kit.advance('5m')
    expect(attempts).toHaveLength(200)
    const perSecond = new Map<number, number>()
    for (const at of attempts) perSecond.set(Math.floor(at / 1000), (perSecond.get(Math.floor(at / 1000)) ?? 0) + 1)
    expect(Math.max(...perSecond.values())).toBeLessThan(100)
  })
})

describe('F-27 an engine that is told to stop', () => {
  const long = flow('long', async () => {
    await step('quick', () => 1)
    await step('slow', { retry: 2 }, async ({ signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      throw new Error('stopped')
    })
  })
  const nap = flow('nap', () => sleep('1h'))
  const backingOff = flow('backing off', () =>
    step('fail', { retry: { attempts: 3, backoff: '2s' } }, () => Promise.reject(new Error('no'))),
  )

  it.each([
    ['a task that runs', long, 'queued'],
    ['a short wait for the next attempt', backingOff, 'queued'],
    ['a long sleep', nap, 'waiting'],
  ] as const)(
    'during %s gives the run back within its time, and can be told so again',
    async (_when, definition, status) => {
      const kit = await testEngine({ flows: [long, nap, backingOff], patienceMs: 1 })
      const { id } = await kit.engine.triggerFlow(definition)
      await kit.advance('100ms')
      const began = kit.clock.monotonic()
      const stopping = Promise.all([kit.engine.stop({ drainMs: 1000 }), kit.engine.stop()])
      await kit.advance('1001ms')
      await stopping
      expect(kit.clock.monotonic() - began).toBeLessThanOrEqual(1001)
      expect(await kit.storage.runs.get(id)).toMatchObject({ engineId: null, status })
      expect(await kit.storage.engines.list()).toEqual([])
      await kit.stop()
    },
  )

  it('refuses what comes later', async () => {
    const kit = await testEngine({ flows: [nap] })
    await kit.stop()
    await expect(kit.engine.triggerFlow(nap)).rejects.toThrow(expect.objectContaining({ code: 'ENGINE_STOPPED' }))
  })
})
