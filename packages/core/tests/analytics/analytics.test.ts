import { approval, flow, FlowEngine, memoryStorage, sleep, step, type EngineOptions } from '@perfect/core'
import { sqliteStorage } from '@perfect/core/sqlite'
import { ManualClock } from '@perfect/core/testing'
import { afterEach, describe, expect, it } from 'vitest'

const AT = Date.UTC(2026, 10, 23, 10, 30)
const HOUR = 3_600_000
const DAY = 24 * HOUR
const engines: FlowEngine[] = []
const code = (expected: string) => expect.objectContaining({ code: expected }) as Error

afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.stop({ drainMs: 0 })))
})

async function startEngine(clock: ManualClock, options: EngineOptions = {}): Promise<FlowEngine> {
  const engine = new FlowEngine({ storage: memoryStorage({ clock }), clock, ...options })
  engines.push(engine)
  await engine.start()
  return engine
}

const wait = flow('wait', async (ms: number) => {
  await sleep(ms)
})
const fails = flow('fails', (row: number) =>
  step('load', () => {
    throw new Error(`no row ${String(row)}`)
  }),
)

describe('getRunSeries()', () => {
  it('has a point for each hour, of all flows together or of one, from runs that are gone as well', async () => {
    const clock = new ManualClock(AT)
    const engine = await startEngine(clock)
    engine.registerFlow(wait)
    engine.registerFlow(fails)
    for (const ms of [0, 100, 400]) {
      const run = await engine.triggerFlow(wait, { input: ms })
      await clock.advance(ms)
      await run.result()
      await engine.removeRun(run.id)
    }
    await clock.advance(2 * HOUR)
    await expect((await engine.triggerFlow(fails, { input: 7 })).result()).rejects.toThrow('no row 7')
    const { bucket, precision, items } = await engine.getRunSeries({ from: AT })
    expect([bucket, items.map(({ from }) => from)]).toEqual([
      'hour',
      ['2026-11-23T10:00:00.000Z', '2026-11-23T11:00:00.000Z', '2026-11-23T12:00:00.000Z'],
    ])
    const [first, second, third] = items
    expect(first).toMatchObject({ runs: { succeeded: 3, failed: 0, cancelled: 0 }, perHour: 3, successRate: 1 })
    expect(Math.abs((first?.duration?.p50 ?? 0) / 100 - 1)).toBeLessThanOrEqual(precision)
    expect(Math.abs((first?.duration?.p99 ?? 0) / 400 - 1)).toBeLessThanOrEqual(precision)
    expect(first?.wait?.mean).toBe(0)
    expect(second).toEqual({
      from: '2026-11-23T11:00:00.000Z',
      runs: { succeeded: 0, failed: 0, cancelled: 0 },
      perHour: 0,
      successRate: null,
      duration: null,
      wait: null,
      estimates: null,
    })
    // Half of the hour has passed.
    expect(third).toMatchObject({ runs: { failed: 1 }, successRate: 0 })
    expect(third?.perHour).toBeCloseTo(2, 1)
    const ofFlow = await engine.getRunSeries({ from: AT, flow: 'fails' })
    expect(ofFlow.items.map(({ runs }) => runs.failed)).toEqual([0, 0, 1])
    const days = await engine.getRunSeries({ from: AT - DAY, bucket: 'day' })
    expect(days.items.map(({ from, runs }) => [from, runs.succeeded, runs.failed])).toEqual([
      ['2026-11-22T00:00:00.000Z', 0, 0],
      ['2026-11-23T00:00:00.000Z', 3, 1],
    ])
    expect((await engine.getRunSeries()).items).toHaveLength(24)
    expect((await engine.getRunSeries({ bucket: 'day' })).items).toHaveLength(30)
  })

  it('says how long runs waited for their start, and leaves out those that never started', async () => {
    const clock = new ManualClock(AT)
    const engine = await startEngine(clock, { concurrency: 1, parkAfterMs: HOUR })
    engine.registerFlow(wait)
    const runs = [await engine.triggerFlow(wait, { input: 1000 }), await engine.triggerFlow(wait, { input: 0 })]
    const third = await engine.triggerFlow(wait, { input: 0, delay: '1h' })
    await clock.advance(10)
    await engine.cancelRun(third.id)
    await clock.advance(2000)
    await Promise.all(runs.map((run) => run.result()))
    const [point] = (await engine.getRunSeries({ from: AT })).items
    expect(point?.runs).toEqual({ succeeded: 2, failed: 0, cancelled: 1 })
    expect(point?.wait?.p50).toBeLessThan(1.1)
    expect(Math.abs((point?.wait?.p99 ?? 0) / 1000 - 1)).toBeLessThan(0.1)
  })

  it('holds what was expected of runs at their start against what came', async () => {
    const clock = new ManualClock(AT)
    const engine = await startEngine(clock, { parkAfterMs: HOUR })
    const work = flow('work', { plan: [{ name: 'long', estimatedTime: '1s' }] }, async (ms: number) => {
      await step('long', { estimatedTime: '1s' }, () => new Promise((done) => clock.setTimer(ms, () => done(null))))
    })
    const asks = flow('asks', { plan: [{ name: 'x', estimatedTime: 5 }] }, async () => {
      await step('x', () => 1)
      await approval('go')
    })
    engine.registerFlow(work)
    engine.registerFlow(asks)
    const drive = async (ms: number): Promise<void> => {
      const run = await engine.triggerFlow(work, { input: ms })
      await clock.advance(ms)
      await run.result()
    }
    // The plan says a second, give or take.
    await drive(1000)
    const asked = await engine.triggerFlow(asks)
    await engine.approve(asked.id, 'go', { approved: true, by: 'ann' })
    await clock.advance(1)
    await asked.result()
    const declared = (await engine.getRunSeries({ from: AT })).items[0]?.estimates
    expect(declared).toEqual({
      runs: 1,
      withinInterval: 1,
      meanErrorMs: 0,
      medianError: expect.closeTo(0, 2) as number,
    })
    // Learned from the run before.
    await clock.advance(1000)
    await drive(10_000)
    const learned = (await engine.getRunSeries({ from: AT })).items[0]?.estimates
    expect(learned).toMatchObject({ runs: 2, withinInterval: 0.5, meanErrorMs: expect.closeTo(4500, -2) as number })
  })

  it('refuses what it cannot give, and stays small', async () => {
    const engine = await startEngine(new ManualClock(AT))
    for (const query of [
      { from: AT, to: AT - HOUR },
      { from: AT - 1001 * HOUR },
      { from: Number.NaN },
      { bucket: 'week' as 'day' },
    ])
      await expect(engine.getRunSeries(query)).rejects.toThrow(code('REQUEST_INVALID'))
    expect((await engine.getRunSeries({ from: AT - 999 * DAY, bucket: 'day' })).items).toHaveLength(1000)
  })
})

describe('getFailures()', () => {
  it('gives failures of one kind as one, with the task, the flows and a run to look at', async () => {
    const clock = new ManualClock(AT)
    const engine = await startEngine(clock, { storage: sqliteStorage(':memory:', { clock }) })
    engine.registerFlow(fails)
    const again = flow('again', () => step('load', () => Promise.reject(new Error('no row 99'))))
    const typo = flow('typo', () => Promise.reject(new TypeError('x is not a function')))
    engine.registerFlow(again)
    engine.registerFlow(typo)
    const drive = async (name: string, input?: number): Promise<string> => {
      const run = await engine.triggerFlow(name, input === undefined ? {} : { input })
      await run.result().catch(() => null)
      await clock.advance(1000)
      return run.id
    }
    await drive('fails', 1)
    await drive('typo')
    await drive('fails', 2)
    const newest = await drive('again')
    const { items, nextCursor } = await engine.getFailures({ limit: 1 })
    expect(items).toEqual([
      {
        fingerprint: expect.stringMatching(/^[\da-f]{16}$/) as string,
        code: null,
        task: 'load',
        pattern: 'no row <number>',
        message: 'no row 99',
        runs: 3,
        firstSeenAt: '2026-11-23T10:30:00.000Z',
        lastSeenAt: '2026-11-23T10:30:03.000Z',
        exampleRunId: newest,
        flows: [
          { flowId: 'fails', runs: 2 },
          { flowId: 'again', runs: 1 },
        ],
      },
    ])
    const rest = await engine.getFailures({ cursor: nextCursor ?? '' })
    expect([rest.items.map(({ pattern, task }) => [pattern, task]), rest.nextCursor]).toEqual([
      [['x is not a function', null]],
      null,
    ])
    const ofFlow = await engine.getFailures({ flow: 'again', since: AT })
    expect(ofFlow.items.map(({ runs }) => runs)).toEqual([1])
    expect((await engine.getFailures({ since: AT + DAY })).items).toEqual([])
    await expect(engine.getFailures({ cursor: 'x' })).rejects.toThrow(code('CURSOR_INVALID'))
    await expect(engine.getFailures({ limit: 0 })).rejects.toThrow(code('REQUEST_INVALID'))
  })

  it('forgets failures that were not seen for 90 days, and hours that are older than 35', async () => {
    const clock = new ManualClock(AT)
    const engine = await startEngine(clock)
    engine.registerFlow(fails)
    await (await engine.triggerFlow(fails, { input: 1 })).result().catch(() => null)
    clock.jumpTo(AT + 36 * DAY)
    await clock.advance(61_000)
    expect((await engine.getFailures()).items).toHaveLength(1)
    expect((await engine.getRunSeries({ from: AT, to: AT })).items[0]?.runs.failed).toBe(0)
    expect((await engine.getRunSeries({ from: AT, to: AT, bucket: 'day' })).items[0]?.runs.failed).toBe(1)
    clock.jumpTo(AT + 91 * DAY)
    await clock.advance(61_000)
    expect((await engine.getFailures()).items).toEqual([])
  })
})
