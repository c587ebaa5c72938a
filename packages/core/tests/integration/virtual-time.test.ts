import { flow, FlowEngine, memoryStorage, sleep, step, type RunView, type Storage } from '@perfect/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { ManualClock } from '../../src/testing/manual-clock.ts'

const HOUR_MS = 3_600_000
let clock: ManualClock
let storage: Storage
const engines: FlowEngine[] = []

beforeEach(() => {
  clock = new ManualClock()
  storage = memoryStorage({ clock })
})
afterEach(async () => {
  for (const engine of engines.splice(0)) {
    const stopping = engine.stop({ drainMs: 0 })
    await clock.advance(100)
    await stopping
  }
})

async function startEngine(...flows: Parameters<FlowEngine['registerFlow']>[0][]): Promise<FlowEngine> {
  const engine = new FlowEngine({ storage, clock })
  engines.push(engine)
  for (const one of flows) engine.registerFlow(one)
  await engine.start()
  return engine
}

describe('a long sleep', () => {
  it('parks the run: it waits without being held, and is replayed when its time has come', async () => {
    let starts = 0
    const nap = flow('nap', async () => {
      await step('before', () => starts++)
      await sleep('3d')
      return step('after', () => starts)
    })
    const engine = await startEngine(nap)
    const run = await engine.triggerFlow(nap)
    await clock.advance(1000)
    expect(await engine.getRun(run.id)).toMatchObject({ status: 'waiting', reason: 'sleep' })
    expect((await storage.runs.get(run.id))?.engineId).toBeNull()
    await clock.advance(71 * HOUR_MS)
    expect((await engine.getRun(run.id)).status).toBe('waiting')
    await clock.advance(HOUR_MS)
    expect(await engine.getRun(run.id)).toMatchObject({ status: 'succeeded', epoch: 2 })
    expect([starts, await run.result()]).toEqual([1, 1])
  })

  it('can be cancelled while nobody holds the run', async () => {
    const nap = flow('nap', () => sleep('3d'))
    const engine = await startEngine(nap)
    const run = await engine.triggerFlow(nap)
    await clock.advance(1000)
    expect(await run.cancel('changed my mind')).toMatchObject({ status: 'cancelled', cancelReason: 'changed my mind' })
    await clock.advance(80 * HOUR_MS)
    expect((await engine.getRun(run.id)).status).toBe('cancelled')
  })

  it('does not let try/finally of the flow see that the run was parked', async () => {
    const seen: string[] = []
    const nap = flow('nap', async () => {
      try {
        await sleep('1h')
        seen.push('woke')
      } catch {
        seen.push('caught')
      } finally {
        seen.push('finally')
      }
    })
    const engine = await startEngine(nap)
    await engine.triggerFlow(nap)
    await clock.advance(60_000)
    expect(seen).toEqual([])
    await clock.advance(HOUR_MS)
    expect(seen).toEqual(['woke', 'finally'])
  })
})

describe('a long backoff', () => {
  it('frees the run, keeps the count of attempts and never runs the siblings again', async () => {
    let siblings = 0
    let attempts = 0
    const flaky = flow('flaky', async () => {
      const quick = step('sibling', () => siblings++)
      const slow = step('flaky', { retry: { attempts: 4, backoff: '10m' } }, ({ attempt }) => {
        attempts++
        if (attempt < 4) throw new Error('not yet')
        return attempt
      })
      await quick
      return slow
    })
    const engine = await startEngine(flaky)
    const run = await engine.triggerFlow(flaky)
    await clock.advance(1000)
    expect((await engine.getRun(run.id)).status).toBe('retrying')
    await clock.advance(HOUR_MS)
    expect(await run.result()).toBe(4)
    expect([siblings, attempts]).toEqual([1, 4])
  })
})

describe('a schedule', () => {
  it('starts one run at each of its times', async () => {
    const hourly = flow('hourly', { schedule: '0 * * * *' }, () => step('tick', () => 1))
    const engine = await startEngine(hourly)
    expect(engine.getFlow('hourly').schedule?.nextAt).toBe('2027-01-15T09:00:00.000Z')
    await clock.advance(3 * HOUR_MS)
    const { items } = await engine.getRuns()
    expect(items.map(({ createdAt, trigger }) => [createdAt, trigger])).toEqual(
      ['11', '10', '09'].map((hour) => [`2027-01-15T${hour}:00:00.000Z`, { kind: 'schedule', by: '0 * * * *' }]),
    )
  })

  it('fires each time once over two engines on one storage', async () => {
    const hourly = flow('hourly', { schedule: '0 * * * *' }, () => step('tick', () => 1))
    const shared = { ...storage, close: () => Promise.resolve() }
    storage = shared
    const first = await startEngine(hourly)
    await startEngine(hourly)
    await clock.advance(5 * HOUR_MS)
    expect((await first.getRuns()).items).toHaveLength(5)
  })

  it('leaves times out while an earlier run has not ended', async () => {
    const slow = flow('slow', { schedule: '0 * * * *' }, () => sleep('150m'))
    const engine = await startEngine(slow)
    await clock.advance(5 * HOUR_MS)
    const { items } = await engine.getRuns()
    expect(items.map(({ createdAt }) => createdAt.slice(11, 13))).toEqual(['12', '09'])
  })

  it('does not make up for times that passed while the engine was down', async () => {
    const hourly = flow('hourly', { schedule: '0 * * * *' }, () => 1)
    storage = { ...storage, close: () => Promise.resolve() }
    const engine = await startEngine(hourly)
    await clock.advance(HOUR_MS)
    await engine.stop({ drainMs: 0 })
    await clock.advance(24.5 * HOUR_MS)
    const next = await startEngine(hourly)
    await clock.advance(HOUR_MS)
    expect((await next.getRuns()).items).toHaveLength(2)
  })
})

describe('progress over time', () => {
  it('follows the estimate of a running task up to 95 % of its share, and never falls', async () => {
    const seen: RunView[] = []
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const long = flow('long', { plan: [{ name: 'work', weight: 1, estimatedTime: '10s' }] }, () =>
      step('work', { estimatedTime: '10s' }, () => promise),
    )
    const engine = await startEngine(long)
    engine.on('run.updated', (run) => seen.push(run))
    const run = await engine.triggerFlow(long)
    await clock.advance(5000)
    expect((await engine.getRun(run.id)).progress.percent).toBeCloseTo(50, -1)
    await clock.advance(60_000)
    expect((await engine.getRun(run.id)).progress).toMatchObject({ percent: 95, current: 'work' })
    resolve(undefined)
    await run.result()
    const percents = seen.map(({ progress }) => progress.percent)
    expect(percents).toEqual(percents.toSorted((a, b) => a - b))
    expect(percents.at(-1)).toBe(100)
  })

  it('is kept when the run is taken up again', async () => {
    const half = flow('half', { plan: [{ name: 'work', estimatedTime: '10s' }] }, () =>
      step('work', { estimatedTime: '10s' }, () => new Promise(() => undefined)),
    )
    storage = { ...storage, close: () => Promise.resolve() }
    const engine = await startEngine(half)
    const run = await engine.triggerFlow(half)
    await clock.advance(8000)
    const before = (await engine.getRun(run.id)).progress.percent
    const stopping = engine.stop({ drainMs: 0 })
    await clock.advance(10)
    await stopping
    const next = await startEngine(half)
    await clock.advance(500)
    expect(before).toBeGreaterThan(70)
    expect((await next.getRun(run.id)).progress.percent).toBeGreaterThanOrEqual(before)
  })
})

describe('F-19 a run that takes the process down each time', () => {
  it('is ended as CRASH_LOOP after 10 epochs without a checkpoint', async () => {
    const poison = flow('poison', () => step('die', () => new Promise(() => undefined)))
    storage = { ...storage, close: () => Promise.resolve() }
    const first = await startEngine(poison)
    const { id } = await first.triggerFlow(poison)
    for (let crash = 0; crash < 12; crash++) {
      const engine = engines.at(-1)
      // What is left of an engine that died: its run, still in its name.
      await storage.commit([{ type: 'engine.remove', engineId: engine?.id ?? '' }])
      await startEngine(poison)
      await clock.advance(10)
    }
    expect(await engines.at(-1)?.getRun(id)).toMatchObject({ status: 'failed', error: { code: 'CRASH_LOOP' } })
  })
})

describe('a run whose engine and worker are gone', () => {
  it('is kept for its worker for one lease, then waits for another one', async () => {
    const remote = { name: 'remote', tasks: [{ name: 'a' }] }
    storage = { ...storage, close: () => Promise.resolve() }
    const first = await startEngine(remote)
    const { id } = await first.triggerFlow('remote')
    // As a worker of an engine that was killed has left it.
    await storage.commit([
      { type: 'run.claim', runId: id, expectedEpoch: 0, engineId: 'eng_dead', workerId: 'wrk_dead' },
    ])
    await clock.advance(14_000)
    expect(await first.getRun(id)).toMatchObject({ status: 'running', workerId: 'wrk_dead' })
    await clock.advance(6000)
    expect(await first.getRun(id)).toMatchObject({ status: 'queued', reason: 'worker', workerId: null, epoch: 2 })
  })
})
