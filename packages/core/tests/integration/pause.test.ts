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

  describe('for somebody who has paused it', () => {
    const steps: string[] = []
    const long = flow('long', async () => {
      await step('one', () => steps.push('one'))
      await sleep('1h')
      await step('two', () => steps.push('two'))
    })
    beforeEach(() => steps.splice(0))

    it('starts nothing until it is resumed, and a sleep keeps its end', async () => {
      const engine = await host.start(long)
      const run = await engine.triggerFlow(long)
      await host.pass(1000)
      expect((await engine.pauseRun(run.id)).pausedAt).not.toBeNull()
      await host.pass(2 * HOUR_MS)
      expect(await engine.getRun(run.id)).toMatchObject({ status: 'waiting', reason: 'paused' })
      expect((await engine.explainRun(run.id)).text).toContain('paused')
      await engine.resumeRun(run.id)
      await host.pass(1000)
      expect((await engine.getRun(run.id)).status).toBe('succeeded')
      expect(steps).toEqual(['one', 'two'])
    })

    it('lets the task that runs end, and starts no other', async () => {
      let finish: () => void = () => undefined
      const busy = flow('busy', async () => {
        await step('first', () => new Promise<void>((resolve) => (finish = resolve)))
        await step('second', () => steps.push('second'))
      })
      const engine = await host.start(busy)
      const run = await engine.triggerFlow(busy)
      await host.pass(100)
      await engine.pauseRun(run.id)
      await host.pass(100)
      expect((await engine.getRun(run.id)).status).toBe('running')
      finish()
      await host.pass(100)
      expect(await engine.getRun(run.id)).toMatchObject({ status: 'waiting', reason: 'paused', progress: { done: 1 } })
      expect(steps).toEqual([])
      await engine.resumeRun(run.id)
      await host.pass(100)
      expect(steps).toEqual(['second'])
    })

    it('refuses to resume what was not paused, and to pause what has ended', async () => {
      const engine = await host.start(long)
      const run = await engine.triggerFlow(long)
      await host.pass(1000)
      await expect(engine.resumeRun(run.id)).rejects.toThrow(code('RUN_NOT_PAUSED'))
      await host.pass(2 * HOUR_MS)
      await expect(engine.pauseRun(run.id)).rejects.toThrow(code('RUN_FINISHED'))
    })
  })

  it('is over at once when the run is cancelled by force, whatever runs', async () => {
    let wasAborted = false
    const deaf = flow('deaf', () =>
      step('never', ({ signal }) => {
        signal.addEventListener('abort', () => (wasAborted = true))
        return new Promise(() => undefined)
      }),
    )
    const engine = await host.start(deaf)
    const run = await engine.triggerFlow(deaf)
    await host.pass(100)
    expect((await engine.cancelRun(run.id, { force: true, reason: 'now' })).status).toBe('cancelled')
    await host.pass(100)
    expect([(await engine.getRun(run.id)).status, wasAborted]).toEqual(['cancelled', true])
    await expect(run.result()).rejects.toThrow(code('RUN_CANCELLED'))
  })
})
