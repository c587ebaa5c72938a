import { flow, sleep, step } from '@perfect/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { EngineHost, HOUR_MS, STORAGES } from './engine-host.ts'

const code = (expected: string) => expect.objectContaining({ code: expected }) as Error

describe.each(STORAGES)('waiting on %s', (storage) => {
  let host: EngineHost

  beforeEach(() => {
    host = new EngineHost(storage)
  })
  afterEach(() => host.stop())

  describe('for another flow', () => {
    const part = flow('part', async (size: number) => {
      if (size < 0) throw new RangeError('too small')
      await sleep('1h')
      return step('double', () => size * 2)
    })
    const whole = flow('whole', async (sizes: readonly number[]) => {
      const results: number[] = []
      for (const size of sizes) results.push(await part(size))
      return results
    })

    it('runs it as a run of its own, also with a single slot, and gives its typed result', async () => {
      host = new EngineHost(storage, { concurrency: 1 })
      const engine = await host.start(part, whole)
      const run = await engine.triggerFlow(whole, { input: [1, 2], configuration: 'release' })
      await host.pass(3 * HOUR_MS)
      expect(await run.result()).toEqual([2, 4])
      const { tasks } = await engine.getRunDetail(run.id)
      expect(tasks.map(({ key, kind }) => [key, kind])).toEqual([
        ['part#1', 'child'],
        ['part#2', 'child'],
      ])
      const child = await engine.getRun(tasks[0]?.childRunId ?? '')
      expect(child).toMatchObject({
        parentRunId: run.id,
        configuration: 'release',
        trigger: { kind: 'parent', by: run.id },
      })
      expect((await engine.getRuns({ parentRunId: run.id })).items).toHaveLength(2)
    })

    it('runs it with options of the call: a key, so that several are in flight, and its place, configuration and tags', async () => {
      const both = flow('both', () =>
        Promise.all(
          [4, 5].map((size) =>
            part.with({ key: size, configuration: 'debug', priority: size, tags: ['urgent'], attributes: { size } })(
              size,
            ),
          ),
        ),
      )
      const engine = await host.start(part, both)
      const run = await engine.triggerFlow(both, { configuration: 'release' })
      await host.pass(3 * HOUR_MS)
      expect(await run.result()).toEqual([8, 10])
      const { tasks } = await engine.getRunDetail(run.id)
      expect(tasks.map(({ key }) => key)).toEqual(['part[4]', 'part[5]'])
      expect(await engine.getRun(tasks[1]?.childRunId ?? '')).toMatchObject({
        configuration: 'debug',
        priority: 5,
        tags: ['urgent'],
        attributes: { size: 5 },
      })
    })

    it('counts as much of the progress as the call says', async () => {
      const uneven = flow('uneven', async () => {
        await step('small', () => 1)
        await part.with({ weight: 3 })(2)
      })
      const engine = await host.start(part, uneven)
      const run = await engine.triggerFlow(uneven)
      await host.pass(3 * HOUR_MS)
      const { tasks } = await engine.getRunDetail(run.id)
      expect(tasks.map(({ weight }) => weight)).toEqual([1, 3])
      expect(() => part.with({ weight: 0 })).toThrow(code('WEIGHT_INVALID'))
    })

    it('fails the call, not the run, when the options of the call are wrong', async () => {
      const wrong = flow('wrong', () =>
        part
          .with({ configuration: 'nope' })(1)
          .catch((error: unknown) => String(error)),
      )
      const engine = await host.start(part, wrong)
      const run = await engine.triggerFlow(wrong)
      await host.pass(10_000)
      expect(await run.result()).toContain('Configuration "nope" is not known')
    })

    it('gives its failure to the caller, who may go on', async () => {
      const careful = flow('careful', async () => {
        try {
          return await part(-1)
        } catch (error) {
          return error instanceof Error ? `${error.name}: ${error.message}` : 'unknown'
        }
      })
      const engine = await host.start(part, careful)
      const run = await engine.triggerFlow(careful)
      await host.pass(10_000)
      expect(await run.result()).toBe('RangeError: too small')
    })

    it('ends it when its caller is cancelled, and when its caller fails', async () => {
      const failing = flow('failing', () => Promise.all([part(1), step('fail', () => Promise.reject(new Error('no')))]))
      const engine = await host.start(part, whole, failing)
      const cancelled = await engine.triggerFlow(whole, { input: [1] })
      const failed = await engine.triggerFlow(failing)
      await host.pass(10_000)
      await cancelled.cancel('enough')
      await host.pass(20_000)
      for (const id of [cancelled.id, failed.id]) {
        const [child] = (await engine.getRuns({ parentRunId: id })).items
        expect(child?.status).toBe('cancelled')
      }
      expect((await engine.getRun(failed.id)).status).toBe('failed')
    })

    it('refuses a flow that is not registered', async () => {
      const engine = await host.start(whole)
      const run = await engine.triggerFlow(whole, { input: [1] })
      await host.pass(1000)
      await expect(run.result()).rejects.toThrow(code('FLOW_NOT_FOUND'))
    })
  })
})
