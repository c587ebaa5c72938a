import { flow, sleep, type OverlapPolicy } from '@perfect/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { ScheduleHost } from './schedule-host.ts'

const HOUR_MS = 3_600_000
let host: ScheduleHost

beforeEach(() => {
  host = new ScheduleHost()
})
afterEach(() => host.stopAll())

// Each run takes two hours and a half, most of which it sleeps and is held by nobody.
const slow = (overlap: OverlapPolicy) => flow('slow', { schedule: { cron: '0 * * * *', overlap } }, () => sleep('150m'))

describe('a schedule whose runs take longer than its times are apart', () => {
  it.each<[OverlapPolicy, readonly number[]]>([
    ['skip', [60, 240, 420]],
    ['queue', [60, 120, 180, 240, 300, 360, 420]],
    ['buffer-one', [60, 120, 240, 420]],
    ['cancel-running', [60, 120, 180, 240, 300, 360, 420]],
    ['allow', [60, 120, 180, 240, 300, 360, 420]],
  ])('with "%s" makes runs at the minutes %j', async (overlap, minutes) => {
    const engine = await host.start([slow(overlap)])
    await host.clock.advance(7.2 * HOUR_MS)
    expect(await host.minutes(engine)).toEqual(minutes)
    const missed = host.told('schedule.missed')
    expect(missed).toHaveLength(7 - minutes.length)
    for (const one of missed) expect(one).toMatchObject({ scheduleId: 'slow', reason: 'overlap', count: 1 })
  })

  it.each<OverlapPolicy>(['queue', 'buffer-one', 'cancel-running', 'skip'])(
    'with "%s" never has two runs that have started and not ended',
    async (overlap) => {
      const engine = await host.start([slow(overlap)])
      for (let step = 0; step < 30; step++) {
        await host.clock.advance(HOUR_MS / 4)
        const runs = await host.runs(engine)
        const open = runs.filter(({ startedAt, finishedAt }) => startedAt !== null && finishedAt === null)
        expect(open.length).toBeLessThanOrEqual(1)
      }
      const runs = await host.runs(engine)
      const ends = runs.filter(({ status }) => status === (overlap === 'cancel-running' ? 'cancelled' : 'succeeded'))
      expect(ends.length).toBeGreaterThanOrEqual(2)
    },
  )

  it('says of a cancelled run that the next one has taken its place', async () => {
    const engine = await host.start([slow('cancel-running')])
    await host.clock.advance(2.5 * HOUR_MS)
    const [first, second] = await host.runs(engine)
    expect(first).toMatchObject({ status: 'cancelled', cancelReason: 'The next run of its schedule takes its place' })
    expect(second).toMatchObject({ status: 'waiting', reason: 'sleep' })
  })

  it('keeps the gate closed while another engine takes the sleeping run over', async () => {
    const first = await host.start([slow('queue')])
    await host.clock.advance(2.1 * HOUR_MS)
    await host.stop(first)
    const second = await host.start([slow('queue')])
    await host.clock.advance(HOUR_MS)
    const statuses = (await host.runs(second)).map(({ status }) => status)
    expect(statuses).toEqual(['waiting', 'queued', 'queued'])
  })
})
