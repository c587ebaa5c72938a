import { flow, FlowEngine, memoryStorage, step, type RunsFilter, type Storage } from '@perfect/core'
import { sqliteStorage } from '@perfect/core/sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { ManualClock } from '../../src/testing/manual-clock.ts'

const HOUR_MS = 3_600_000
const code = (expected: string) => expect.objectContaining({ code: expected }) as Error

const work = flow('work', (isGood: boolean) =>
  step('do', () => {
    if (!isGood) throw new Error('no')
    return 1
  }),
)
const brief = flow('brief', { retention: { keep: 2 } }, () => 1)

describe.each([
  ['memory', (clock: ManualClock) => memoryStorage({ clock })],
  ['sqlite', (clock: ManualClock) => sqliteStorage(':memory:', { clock })],
])('many runs on %s', (_name, makeStorage) => {
  let clock: ManualClock
  let storage: Storage
  let engine: FlowEngine

  beforeEach(async () => {
    clock = new ManualClock()
    storage = makeStorage(clock)
    engine = new FlowEngine({ storage, clock, retention: { age: '30d' } })
    engine.registerFlow(work)
    engine.registerFlow(brief)
    await engine.start()
  })
  afterEach(async () => {
    const stopping = engine.stop({ drainMs: 0 })
    await clock.advance(100)
    await stopping
  })

  async function trigger(isGood: boolean, configuration = 'development'): Promise<string> {
    const run = await engine.triggerFlow(work, { input: isGood, configuration })
    await run.result().catch(() => undefined)
    return run.id
  }
  // A file answers from another thread, so that a sweep may end only after the time in which it began.
  async function swept(isDone: () => boolean): Promise<void> {
    const deadline = performance.now() + 20_000
    while (!isDone() && performance.now() < deadline) {
      await clock.advance(61_000)
      await storage.runs.nextWakeAt()
    }
    expect(isDone()).toBe(true)
  }
  const ids = async (filter: RunsFilter): Promise<readonly string[]> =>
    (await engine.getRuns(filter)).items.map(({ id }) => id)

  it('are found by what they are and by what they are not', async () => {
    const good = await trigger(true)
    await clock.advance(1000)
    const bad = await trigger(false)
    await clock.advance(1000)
    const released = await trigger(false, 'release')
    expect(await ids({ flowId: 'work', statuses: ['failed'] })).toEqual([released, bad])
    expect(await ids({ not: { statuses: ['succeeded'] }, configurations: ['development'] })).toEqual([bad])
    expect(await ids({ not: { configurations: ['release'], statuses: ['failed'] } })).toEqual([good])
    expect(await ids({ triggers: ['schedule'] })).toEqual([])
    expect(await ids({ createdFrom: clock.now() - 1500, createdBefore: new Date(clock.now()) })).toEqual([bad])
  })

  it('are asked for in words that are known', async () => {
    await expect(engine.getRuns({ not: { statuses: ['done' as 'failed'] } })).rejects.toThrow(code('REQUEST_INVALID'))
    await expect(engine.getRuns({ createdFrom: 'soon' })).rejects.toThrow(code('REQUEST_INVALID'))
    await expect(engine.getRuns({ flowIds: 'work' as unknown as [] })).rejects.toThrow(code('REQUEST_INVALID'))
  })

  it('are dealt with as they were chosen, and each tells by itself what became of it', async () => {
    await trigger(false)
    const selection = await engine.selectRuns({ statuses: ['failed'] })
    const late = await trigger(false)
    const retried = await engine.retryRuns(selection)
    expect([selection.isPartial, retried.done.length, retried.failed]).toEqual([false, 1, []])
    const removed = await engine.removeRuns({ runIds: [...selection.runIds, 'run_0'] })
    expect(removed).toMatchObject({
      done: selection.runIds,
      failed: [{ runId: 'run_0', error: { code: 'RUN_NOT_FOUND' } }],
    })
    expect(await ids({ flowId: 'work', triggers: ['code'] })).toEqual([late])
    expect((await engine.cancelRuns({ runIds: [late] })).failed[0]?.error.code).toBe('RUN_FINISHED')
  })

  it('are removed by age and by number, and the figures about them stay', async () => {
    const old = await trigger(true)
    for (let count = 0; count < 4; count++) await (await engine.triggerFlow(brief)).result()
    const removed: string[] = []
    engine.on('run.removed', ({ id }) => removed.push(id))
    await swept(() => removed.length === 2)
    expect(await ids({ flowId: 'brief' })).toHaveLength(2)
    expect(removed).not.toContain(old)
    await clock.advance(31 * 24 * HOUR_MS)
    await swept(() => removed.includes(old))
    await expect(engine.getRun(old)).rejects.toThrow(code('RUN_NOT_FOUND'))
    const stats = await engine.getRunStats({ from: 0, bucketHours: 8760 })
    expect(stats.map(({ flowId, runs }) => [flowId, runs.succeeded])).toEqual([
      ['brief', 4],
      ['work', 1],
    ])
  })

  it('refuse to be removed before they have ended', async () => {
    const open = flow('open', () => step('wait', () => new Promise(() => undefined)))
    engine.registerFlow(open)
    const run = await engine.triggerFlow(open)
    await expect(engine.removeRun(run.id)).rejects.toThrow(code('RUN_NOT_FINISHED'))
  })
})
