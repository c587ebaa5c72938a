import { flow, type FlowEngine, type ScheduleOptions } from '@perfect/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { ScheduleHost } from './schedule-host.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
let host: ScheduleHost

beforeEach(() => {
  host = new ScheduleHost()
})
afterEach(() => host.stopAll())

const each = (schedule: ScheduleOptions) => flow('each', { schedule }, () => 1)

async function downFor(ms: number, schedule: ScheduleOptions): Promise<FlowEngine> {
  const engine = await host.start([each(schedule)])
  await host.clock.advance(MINUTE_MS / 2)
  await host.stop(engine)
  await host.clock.advance(ms)
  const next = await host.start([each(schedule)])
  await host.clock.advance(1000)
  return next
}

describe('F-24 an engine that was down for 3 days, with a cron for each minute', () => {
  const last = 3 * 24 * 60

  it.each<[string, Partial<ScheduleOptions>, number]>([
    ['skip', { window: '10s' }, 0],
    ['skip', {}, 1],
    ['last', {}, 1],
    ['all', {}, 100],
    ['all', { maxMissed: 7 }, 7],
    ['all', { window: '5m' }, 5],
  ])('makes up for its times by "%s" with %j: %i runs', async (missed, rules, count) => {
    const engine = await downFor(3 * DAY_MS, { cron: '* * * * *', missed, ...rules } as ScheduleOptions)
    const runs = await host.runs(engine)
    const times = host.told('schedule.fired').map((one) => (one as { at: string }).at)
    expect(runs).toHaveLength(count)
    expect(times).toEqual(
      Array.from({ length: count }, (_, index) =>
        new Date(1_800_000_000_000 + (last - count + 1 + index) * MINUTE_MS).toISOString(),
      ),
    )
    expect(runs.every(({ status }) => status === 'succeeded')).toBe(true)
    expect(host.told('schedule.missed')).toMatchObject([{ reason: 'down', count: 1000, isMore: true }])
  })

  it('says in the log of a run that its time was missed', async () => {
    const engine = await downFor(3 * DAY_MS, { cron: '0 9 * * *', missed: 'last' })
    const [run] = await host.runs(engine)
    const { items } = await engine.getLogs(run?.id ?? '')
    expect(items[0]?.message).toBe('The time of 2027-01-17T09:00:00.000Z was missed, and is made up for')
    await host.clock.advance(DAY_MS)
    const next = (await host.runs(engine)).at(-1)
    expect((await engine.getLogs(next?.id ?? '')).items).toEqual([])
  })
})

describe('F-12 a machine', () => {
  it('that slept counts as one that was down, and wakes within a lease', async () => {
    const engine = await host.start([each({ cron: '0 * * * *', missed: 'last' })])
    await host.clock.advance(1000)
    host.clock.jumpTo(host.clock.now() + DAY_MS + 10 * MINUTE_MS)
    await host.clock.advance(10_000)
    expect(await host.runs(engine)).toHaveLength(1)
    expect(host.told('schedule.missed')).toMatchObject([{ reason: 'down', count: 23 }])
  })

  it('whose clock is set back runs no time again', async () => {
    const engine = await host.start([each({ cron: '*/10 * * * *', missed: 'all' })])
    await host.clock.advance(25 * MINUTE_MS)
    host.clock.jumpTo(host.clock.now() - 20 * MINUTE_MS)
    await host.clock.advance(30 * MINUTE_MS)
    const times = host.told('schedule.fired').map((one) => (one as { at: string }).at.slice(11, 16))
    expect(times).toEqual(['08:10', '08:20', '08:30'])
    expect(await host.runs(engine)).toHaveLength(3)
  })

  it('whose clock was far ahead goes on when the schedule is resumed', async () => {
    const engine = await host.start([each({ cron: '0 * * * *' })])
    const right = host.clock.now()
    host.clock.jumpTo(right + 365 * DAY_MS + 30_000)
    await host.clock.advance(10_000)
    host.clock.jumpTo(right + 10_000)
    expect((await engine.schedules.get('each')).nextAt).toBe('2028-01-15T09:00:00.000Z')
    expect((await engine.schedules.resume('each')).nextAt).toBe('2027-01-15T09:00:00.000Z')
  })
})

describe('a schedule that is changed in the code', () => {
  it('counts from the change on, and keeps its pause', async () => {
    const engine = await host.start([each({ cron: '0 0 1 1 *', missed: 'all' })])
    await host.clock.advance(1000)
    await host.stop(engine)
    await host.clock.advance(DAY_MS)
    const changed = await host.start([each({ cron: '0 * * * *', missed: 'all' })])
    await host.clock.advance(1000)
    expect(await host.runs(changed)).toEqual([])
    await changed.schedules.pause('each')
    await host.stop(changed)
    const again = await host.start([each({ cron: '30 * * * *', missed: 'all' })])
    expect(await again.schedules.get('each')).toMatchObject({ status: 'paused', cron: '30 * * * *' })
  })

  it('is forgotten when the code does not declare it any more', async () => {
    const engine = await host.start([each({ cron: '0 * * * *' })])
    await host.stop(engine)
    const bare = await host.start([flow('each', () => 1)])
    expect(await bare.schedules.list()).toEqual([])
    expect(bare.getFlow('each').schedule).toBeNull()
  })
})
