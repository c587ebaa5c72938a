import { flow, type FlowEngine, type ScheduleOptions } from '@perfect/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'

import { ScheduleHost } from './schedule-host.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const code = (expected: string) => expect.objectContaining({ code: expected }) as Error
let host: ScheduleHost
let engine: FlowEngine
const inputs: unknown[] = []

const report = flow('report', { input: z.object({ days: z.number() }) }, (input) => inputs.push(input))
const tick = flow('tick', { schedule: { cron: '0 * * * *', description: 'each hour' } }, () => 1)

beforeEach(async () => {
  inputs.length = 0
  host = new ScheduleHost()
  engine = await host.start([report, tick])
})
afterEach(() => host.stopAll())

describe('engine.schedules', () => {
  it('shows the schedules of flows, in words and with the next time', async () => {
    expect(await engine.schedules.list()).toMatchObject([
      {
        id: 'tick',
        flowId: 'tick',
        flowName: 'tick',
        origin: 'code',
        kind: 'cron',
        text: 'every hour',
        cron: '0 * * * *',
        timezone: 'UTC',
        description: 'each hour',
        status: 'active',
        nextAt: '2027-01-15T09:00:00.000Z',
        overlap: 'skip',
        missed: 'skip',
      },
    ])
    expect(engine.getFlow('tick').schedule).toEqual({
      cron: '0 * * * *',
      timezone: 'UTC',
      nextAt: '2027-01-15T09:00:00.000Z',
    })
  })

  it('makes a schedule that runs with its input and configuration, and is there after a restart', async () => {
    const options = { id: 'soon', every: '10m', input: { days: 2 }, configuration: 'release' } as const
    const made = await engine.schedules.create({ flowId: 'report', ...options })
    expect(made).toMatchObject({ id: 'report:soon', origin: 'api', input: { days: 2 }, text: 'every 10 minutes' })
    await host.clock.advance(10 * MINUTE_MS)
    await host.stop(engine)
    const next = await host.start([report, tick])
    await host.clock.advance(10 * MINUTE_MS)
    expect(inputs).toEqual([{ days: 2 }, { days: 2 }])
    const [run] = await host.runs(next)
    expect(run).toMatchObject({ configuration: 'release', trigger: { kind: 'schedule', by: 'every 10 minutes' } })
  })

  it.each<[string, string, object]>([
    ['FLOW_NOT_FOUND', 'nothing', { every: '10m' }],
    ['SCHEDULE_INVALID', 'report', { cron: 'never', input: { days: 1 } }],
    ['SCHEDULE_INVALID', 'tick', { times: () => null }],
    ['SCHEDULE_INVALID', 'tick', { every: '10m', input: () => 1 }],
    ['INPUT_INVALID', 'report', { every: '10m' }],
    ['CONFIGURATION_INVALID', 'tick', { every: '10m', configuration: 'fast' }],
  ])('refuses with %s for %s: %j, and stores nothing', async (expected, flowId, options) => {
    await expect(engine.schedules.create({ flowId, ...(options as ScheduleOptions) })).rejects.toThrow(code(expected))
    expect(await engine.schedules.list()).toHaveLength(1)
  })

  it('refuses an id that is taken, and what nobody knows', async () => {
    await engine.schedules.create({ flowId: 'tick', id: 'more', every: '1h' })
    await expect(engine.schedules.create({ flowId: 'tick', id: 'more', every: '2h' })).rejects.toThrow(/this id/)
    await expect(engine.schedules.get('tick:less')).rejects.toThrow(code('SCHEDULE_NOT_FOUND'))
    await expect(engine.schedules.runNow('tick:less')).rejects.toThrow(code('SCHEDULE_NOT_FOUND'))
  })

  it('changes and removes what was made, but not what the code declares', async () => {
    const { id } = await engine.schedules.create({ flowId: 'tick', every: '10m' })
    expect(await engine.schedules.update(id, { every: '1h' })).toMatchObject({ id, text: 'every hour', revision: 2 })
    await engine.schedules.remove(id)
    await host.clock.advance(30 * MINUTE_MS)
    expect(await host.runs(engine)).toEqual([])
    await expect(engine.schedules.update('tick', { every: '1h' })).rejects.toThrow(/declares it/)
    await expect(engine.schedules.remove('tick')).rejects.toThrow(code('SCHEDULE_INVALID'))
  })

  it('pauses until it is resumed, and does not make up for the pause', async () => {
    await engine.schedules.pause('tick')
    expect(engine.getFlow('tick').schedule?.nextAt).toBeNull()
    await host.clock.advance(2.5 * HOUR_MS)
    expect(await engine.schedules.resume('tick')).toMatchObject({
      status: 'active',
      nextAt: '2027-01-15T11:00:00.000Z',
    })
    await host.clock.advance(HOUR_MS)
    expect(await host.minutes(engine)).toEqual([180])
  })

  it('pauses until an instant, over a restart', async () => {
    expect(await engine.schedules.pause('tick', { until: '2027-01-15T10:30:00Z' })).toMatchObject({
      status: 'paused',
      pausedUntil: '2027-01-15T10:30:00.000Z',
      nextAt: '2027-01-15T11:00:00.000Z',
    })
    await host.clock.advance(HOUR_MS)
    await host.stop(engine)
    const next = await host.start([report, tick])
    await host.clock.advance(3 * HOUR_MS)
    expect(await host.minutes(next)).toEqual([180, 240])
    expect(await next.schedules.get('tick')).toMatchObject({ status: 'active', pausedUntil: null })
    await expect(next.schedules.pause('tick', { until: '2020-01-01' })).rejects.toThrow(
      /"schedule.until" .* has passed/,
    )
  })

  it('leaves out the next times, and shows it before', async () => {
    expect(await engine.schedules.skipNext('tick', 2)).toMatchObject({ skips: 2, nextAt: '2027-01-15T11:00:00.000Z' })
    const preview = await engine.schedules.preview('tick', 3)
    expect(preview.map(({ isSkipped }) => isSkipped)).toEqual([true, true, false])
    await host.clock.advance(3 * HOUR_MS)
    expect(await host.minutes(engine)).toEqual([180])
    expect(host.told('schedule.missed')).toMatchObject([{ reason: 'skipped' }, { reason: 'skipped' }])
    await expect(engine.schedules.skipNext('tick', -1)).rejects.toThrow(code('SCHEDULE_INVALID'))
  })

  it('runs now, and leaves the times alone', async () => {
    const run = await engine.schedules.runNow('tick')
    await host.clock.advance(HOUR_MS)
    expect(await host.minutes(engine)).toEqual([0, 60])
    expect((await engine.getLogs(run.id)).items[0]?.message).toBe('Started by hand')
  })

  it('previews options that are not stored, with what the clocks do', async () => {
    const berlin = { cron: '30 2 * * *', timezone: 'Europe/Berlin', start: '2027-03-28' }
    expect(await engine.schedules.preview(berlin, 1)).toEqual([
      {
        at: '2027-03-28T01:00:00.000Z',
        firesAt: '2027-03-28T01:00:00.000Z',
        isSkipped: false,
        note: '02:30 does not exist on 28 March in Europe/Berlin: runs at 03:00',
      },
    ])
    await expect(engine.schedules.preview(berlin, 0)).rejects.toThrow(code('SCHEDULE_INVALID'))
  })

  it('tells of a time whose input is not valid, and goes on', async () => {
    const at = (time: Date): { days: number | string } => ({ days: time.getUTCHours() === 9 ? 'nine' : 1 })
    const odd = flow('odd', { input: z.object({ days: z.number() }), schedule: { every: '1h', input: at } }, () => 1)
    engine.registerFlow(odd)
    await host.clock.advance(2 * HOUR_MS)
    expect(host.told('schedule.missed')).toMatchObject([{ scheduleId: 'odd', reason: 'input' }])
    expect(host.errors).toEqual([code('INPUT_INVALID')])
    expect(await engine.getRuns({ flowId: 'odd' })).toMatchObject({
      items: [{ createdAt: '2027-01-15T10:00:00.000Z' }],
    })
  })

  it('hears within a minute what another engine has changed', async () => {
    const other = await host.start([report, tick])
    const { id } = await other.schedules.create({ flowId: 'tick', every: '20m' })
    await other.schedules.pause('tick')
    await host.clock.advance(MINUTE_MS)
    await host.stop(other)
    expect(engine.getFlow('tick').schedule?.nextAt).toBe('2027-01-15T08:20:00.000Z')
    await host.clock.advance(65 * MINUTE_MS)
    expect(await host.minutes(engine)).toEqual([20, 40, 60])
    await engine.schedules.remove(id)
  })
})
