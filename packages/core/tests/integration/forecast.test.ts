import { flow, memoryStorage, step } from '@perfect/core'
import { describe, expect, it } from 'vitest'

import { testEngine, type TestEngine } from '../../src/testing/test-engine/test-engine.ts'

const START = new Date('2027-01-15T08:00:00Z')

async function startEngine(): Promise<TestEngine & { readonly calls: { count: number } }> {
  const calls = { count: 0 }
  const pass = (ms: number): Promise<void> => {
    calls.count++
    return new Promise((resolve) => test.clock.setTimer(ms, resolve))
  }
  const etl = flow('etl', async () => {
    await step('extract', () => pass(60_000))
    for (let page = 0; page < 3; page++) await step('load', () => pass(600_000))
  })
  const planned = flow(
    'planned',
    {
      concurrency: 1,
      schedules: [
        { id: 'hourly', cron: '0 * * * *', timezone: 'UTC', overlap: 'allow' },
        { id: 'late', cron: '20 * * * *', timezone: 'UTC', overlap: 'allow' },
      ],
      plan: [
        { name: 'a', estimatedTime: '10m' },
        { name: 'b', estimatedTime: '20m' },
      ],
    },
    async () => {
      await step('a', () => pass(1))
      await step('b', () => pass(1))
    },
  )
  const often = flow('often', { schedule: { every: '10m' } }, () => step('work', () => pass(900_000)))
  const unknown = flow('unknown', { plan: [{ name: 'a', estimatedTime: '1m' }, { name: 'b' }] }, () => undefined)
  const flows = [etl, planned, often, unknown]
  const test = await testEngine({
    flows,
    patienceMs: 1,
    verifyReplays: false,
    startAt: START,
    storage: (clock) => memoryStorage({ clock }),
  })
  return Object.assign(test, { calls })
}

describe('engine.simulate()', () => {
  it('tells what a run looks like from past runs, without running anything', async () => {
    await using test = await startEngine()
    await test.engine.triggerFlow('etl')
    await test.advance('1h')
    const before = test.calls.count
    const { tasks, totalMs, basis } = await test.engine.simulate('etl')
    expect(tasks).toEqual([
      { name: 'extract', calls: 1, startMs: 0, endMs: 60_000, callMs: 60_000, basis: 'past-runs' },
      { name: 'load', calls: 3, startMs: 60_000, endMs: 1_860_000, callMs: 600_000, basis: 'past-runs' },
    ])
    expect(basis).toBe('from 1 successful development run')
    expect(Math.abs((totalMs ?? 0) - 1_860_000)).toBeLessThan(40_000)
    expect(test.calls.count).toBe(before)
  })

  it('takes declared times where there are no past runs', async () => {
    await using test = await startEngine()
    const { tasks, totalMs, earlyMs, lateMs, basis } = await test.engine.simulate('planned')
    expect(tasks.map(({ name, startMs, endMs }) => [name, startMs, endMs])).toEqual([
      ['a', 0, 600_000],
      ['b', 600_000, 1_800_000],
    ])
    expect([totalMs, basis]).toEqual([1_800_000, 'from declared times'])
    expect(earlyMs).toBeLessThan(1_800_000)
    expect(lateMs).toBeGreaterThan(1_800_000)
  })

  it('says what nobody knows', async () => {
    await using test = await startEngine()
    const { tasks, totalMs } = await test.engine.simulate('unknown')
    expect(tasks[1]).toEqual({ name: 'b', calls: 1, startMs: 60_000, endMs: null, callMs: null, basis: 'unknown' })
    expect(totalMs).toBeNull()
  })

  it('checks what a trigger would check', async () => {
    await using test = await startEngine()
    await expect(test.engine.simulate('etl', { configuration: 'none' })).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
    })
  })
})

describe('engine.predictSchedule()', () => {
  it('tells the coming runs with their length, and where they meet the limit of their flow', async () => {
    await using test = await startEngine()
    const { runs, collisions } = await test.engine.predictSchedule({ to: new Date('2027-01-15T10:00:00Z') })
    const planned = runs.filter(({ flowId }) => flowId === 'planned')
    expect(planned.map(({ at, finishAt }) => [at.slice(11, 16), finishAt?.slice(11, 16)])).toEqual([
      ['08:20', '08:50'],
      ['09:00', '09:30'],
      ['09:20', '09:50'],
      ['10:00', '10:30'],
    ])
    expect(collisions.filter(({ kind }) => kind === 'flow')).toEqual([
      { kind: 'flow', id: 'planned', at: '2027-01-15T09:20:00.000Z', limit: 1, runs: 2 },
    ])
  })

  it('finds runs of a schedule that are not over when the next one is due', async () => {
    await using test = await startEngine()
    await test.engine.triggerFlow('often')
    await test.advance('20m')
    const { collisions } = await test.engine.predictSchedule()
    expect(collisions).toContainEqual(expect.objectContaining({ kind: 'schedule', limit: 1, runs: 2 }))
  })

  it('refuses a time that ends before it begins', async () => {
    await using test = await startEngine()
    await expect(test.engine.predictSchedule({ from: 2, to: 1 })).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
  })
})
