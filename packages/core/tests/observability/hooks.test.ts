import { flow, type FlowEngine, memoryStorage, sleep, step, type FlowHooks } from '@perfect/core'
import { ManualClock } from '@perfect/core/testing'
import { describe, expect, it } from 'vitest'

import { startEngine } from './start-engine.ts'

const code = (expected: string) => expect.objectContaining({ code: expected }) as Error

/** Hooks that note what they are called with. */
function noted(notes: unknown[]): FlowHooks {
  return {
    onStart: ({ run }) => notes.push(['start', run.status]),
    onSuccess: ({ run, result }) => notes.push(['success', run.status, result]),
    onFailure: ({ run, error }) => notes.push(['failure', run.status, (error as Error).message]),
    onCancel: ({ run, error }) => notes.push(['cancel', run.status, (error as { code: string }).code]),
    onEnd: ({ run }) => notes.push(['end', run.status, run.finishedAt instanceof Date]),
  }
}

/** Waits for all hooks: an engine that stops does. */
async function stopped(engine: FlowEngine): Promise<void> {
  await engine.stop({ drainMs: 0 })
}

describe('hooks of a flow', () => {
  it('are called when a run starts, succeeds and ends', async () => {
    const notes: unknown[] = []
    const sum = flow('sum', noted(notes), () => step('add', () => 42))
    const engine = await startEngine({}, sum)
    await (await engine.triggerFlow(sum)).result()
    await stopped(engine)
    expect(notes).toEqual([
      ['start', 'running'],
      ['success', 'succeeded', 42],
      ['end', 'succeeded', true],
    ])
  })

  it('are called with the error when a run fails', async () => {
    const notes: unknown[] = []
    const fail = flow('fail', noted(notes), () => Promise.reject(new Error('no')))
    const engine = await startEngine({}, fail)
    await (await engine.triggerFlow(fail)).result().catch(() => undefined)
    await stopped(engine)
    expect(notes.slice(1)).toEqual([
      ['failure', 'failed', 'no'],
      ['end', 'failed', true],
    ])
  })

  it('are called when a run is cancelled, held or waiting', async () => {
    const clock = new ManualClock()
    const notes: unknown[] = []
    const nap = flow('nap', noted(notes), () => sleep('1h'))
    const engine = await startEngine({ clock }, nap)
    const run = await engine.triggerFlow(nap)
    await clock.advance(1000)
    await engine.cancelRun(run.id)
    await stopped(engine)
    expect(notes.slice(1)).toEqual([
      ['cancel', 'cancelled', 'RUN_CANCELLED'],
      ['end', 'cancelled', true],
    ])
  })

  it('see a started run once, however often it is taken up', async () => {
    const clock = new ManualClock()
    const notes: unknown[] = []
    const nap = flow('nap', noted(notes), () => sleep('1h'))
    const engine = await startEngine({ clock }, nap)
    const run = await engine.triggerFlow(nap)
    await clock.advance(3_700_000)
    await run.result()
    await clock.advance(0)
    expect(notes.map((note) => (note as string[])[0])).toEqual(['start', 'success', 'end'])
  })

  it('hear of progress by the percent, each percent once', async () => {
    const percents: number[] = []
    const onProgress: FlowHooks['onProgress'] = ({ run }) => percents.push(Math.floor(run.progress * 100))
    const plan = [{ name: 'a' }, { name: 'b' }]
    const two = flow('two', { plan, onProgress }, async () => {
      await step('a', () => 1)
      await step('b', () => 2)
    })
    const engine = await startEngine({}, two)
    await (await engine.triggerFlow(two)).result()
    await stopped(engine)
    expect(percents[0]).toBe(50)
    expect(percents.at(-1)).toBe(100)
    expect(percents).toEqual([...new Set(percents)].toSorted((a, b) => a - b))
  })

  it('change nothing about the run when they throw: it is reported and added to its log', async () => {
    const errors: unknown[] = []
    const storage = memoryStorage()
    const sum = flow('sum', { onSuccess: () => Promise.reject(new Error('mail is down')) }, () => 42)
    const engine = await startEngine({ storage, onError: (error) => errors.push(error) }, sum)
    const run = await engine.triggerFlow(sum)
    expect(await run.result()).toBe(42)
    await expect
      .poll(async () => (await engine.getLogs(run.id)).items)
      .toMatchObject([{ level: 'error', message: '"onSuccess" threw: mail is down' }])
    expect(errors).toMatchObject([{ message: 'mail is down' }])
    expect((await engine.getRun(run.id)).status).toBe('succeeded')
  })

  it('can add lines to the log of the run that has ended', async () => {
    const sum = flow('sum', { onEnd: ({ log }) => log.info('told the team', { channel: 'ops' }) }, () => 42)
    const engine = await startEngine({}, sum)
    const run = await engine.triggerFlow(sum)
    await expect
      .poll(async () => (await engine.getLogs(run.id)).items)
      .toMatchObject([{ level: 'info', message: 'told the team', fields: { channel: 'ops' } }])
  })

  it('are waited for by an engine that stops', async () => {
    let isDone = false
    const onEnd = async (): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve, 20))
      isDone = true
    }
    const sum = flow('sum', { onEnd }, () => 42)
    const engine = await startEngine({}, sum)
    await (await engine.triggerFlow(sum)).result()
    await engine.stop()
    expect(isDone).toBe(true)
  })

  it('must be functions', () => {
    const options = { onEnd: 'mail' } as unknown as FlowHooks
    expect(() => flow('sum', options, () => 42)).toThrow(code('FLOW_DEFINITION_INVALID'))
  })
})
