import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import {
  current,
  flow,
  FlowEngine,
  type Flow,
  memoryStorage,
  sleep,
  step,
  task,
  waitFor,
  type Storage,
} from '@perfect/core'
import { sqliteStorage } from '@perfect/core/sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { ManualClock } from '../../src/testing/manual-clock.ts'

const timedOut = expect.objectContaining({ code: 'RUN_TIMEOUT' }) as Error
const undone: string[] = []
const book = task('book', { compensate: () => void undone.push('book') }, () => 'booked')
const never = (): Promise<never> =>
  new Promise((_, reject) => {
    const { signal } = current()
    signal.addEventListener('abort', () => reject(signal.reason as Error))
  })

const slow = flow('slow', { timeout: '1h' }, async () => {
  await book()
  await step('work', never)
})
const asleep = flow('asleep', { timeout: '1h' }, () => sleep('1d'))
const asking = flow('asking', { timeout: '1h' }, async () => {
  await waitFor('answer')
})
const quick = flow('quick', { timeout: '1h' }, () => step('work', () => 1))
const deaf = flow('deaf', { timeout: '1h' }, () => step('work', () => new Promise(() => undefined)))

describe.each([
  ['memory', (clock: ManualClock) => memoryStorage({ clock })],
  ['sqlite', (clock: ManualClock) => sqliteStorage(':memory:', { clock })],
])('the timeout of a flow on %s', (_name, makeStorage) => {
  let clock: ManualClock
  let storage: Storage
  let engine: FlowEngine

  beforeEach(async () => {
    undone.length = 0
    clock = new ManualClock()
    storage = makeStorage(clock)
    engine = new FlowEngine({ storage, clock })
    for (const one of [slow, asleep, asking, quick, deaf]) engine.registerFlow(one)
    await engine.start()
  })
  afterEach(async () => {
    const stopping = engine.stop({ drainMs: 0 })
    await clock.advance(100)
    await stopping
  })

  // A file answers from another thread, so that time may have to pass a little at a time.
  async function endAfterAnHour(one: Flow<void, unknown>): Promise<unknown> {
    const run = await engine.triggerFlow(one)
    const state: { error: unknown } = { error: null }
    run.result().catch((error: unknown) => (state.error = error))
    await clock.advance(61 * 60_000)
    for (let turn = 0; turn < 200 && state.error === null; turn++) {
      await storage.runs.nextWakeAt()
      await clock.advance(100)
    }
    expect((await engine.getRun(run.id)).status).toBe('failed')
    return state.error
  }

  it('ends a run whose task takes too long, after what it did was undone', async () => {
    expect(await endAfterAnHour(slow)).toEqual(timedOut)
    expect(undone).toEqual(['book'])
  })

  it.each([
    ['whose task does not listen, after the grace', deaf],
    ['that sleeps, parked or not, when its time is over and not when it wakes', asleep],
    ['that waits for a signal that does not come', asking],
  ])('ends a run %s', async (_case, one) => {
    expect(await endAfterAnHour(one)).toEqual(timedOut)
  })

  it('leaves a run alone that ends in time', async () => {
    const run = await engine.triggerFlow(quick)
    await expect(run.result()).resolves.toBe(1)
    await clock.advance(2 * 3_600_000)
    expect((await engine.getRun(run.id)).status).toBe('succeeded')
  })
})

it('the timeout of a flow counts from its first start, also when another engine takes the run over', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'perfect-timeout-'))
  const clock = new ManualClock()
  const start = async (): Promise<FlowEngine> => {
    const storage = sqliteStorage(join(folder, 'perfect.db'), { clock })
    const engine = new FlowEngine({ storage, clock })
    engine.registerFlow(asleep)
    await engine.start()
    return engine
  }
  const first = await start()
  const { id } = await first.triggerFlow(asleep)
  await clock.advance(30 * 60_000)
  await first.stop()
  await clock.advance(31 * 60_000)
  const second = await start()
  await expect.poll(async () => (await second.getRun(id)).error).toEqual(timedOut)
  await second.stop()
  rmSync(folder, { recursive: true, force: true })
})

it('a timeout that is no duration is refused', () => {
  expect(() => flow('wrong', { timeout: 'soon' as never }, () => 1)).toThrow(/"timeout"/)
})
