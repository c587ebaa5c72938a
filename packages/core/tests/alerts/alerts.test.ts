import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { approval, flow, FlowEngine, step, type AlertEvent } from '@perfect/core'
import { sqliteStorage } from '@perfect/core/sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { AlertHost, alertOf, AT, fails, HOUR, runOf, SECOND } from './alert-host.ts'

const code = (expected: string) => expect.objectContaining({ code: expected }) as Error
const mixed = flow('mixed', (isGood: boolean) => {
  if (!isGood) throw new Error('bad')
})
let host: AlertHost

beforeEach(() => {
  host = new AlertHost()
  return host.open()
})
afterEach(() => host.close())

describe('an alert of a run that failed', () => {
  it('is delivered once, signed, and says what happened', async () => {
    const engine = await host.start([host.webhook(['failed'])])
    engine.registerFlow(fails)
    const runId = await runOf(engine, 'fails', 7)
    await host.until(async () => (await alertOf(engine)).state === 'delivered')
    const [failure] = (await engine.getFailures()).items
    const alert = await alertOf(engine)
    expect(host.receiver.received).toHaveLength(1)
    const [{ id, at, event } = { id: '', at: 0, event: null }] = host.receiver.received
    expect([id, at]).toEqual([alert.id, AT / SECOND])
    expect(event).toEqual({
      id,
      type: 'run.failed',
      version: 1,
      timestamp: '2026-11-23T10:30:00.000Z',
      data: {
        rule: 'ops',
        flow: { id: 'fails', name: 'fails' },
        run: {
          id: runId,
          status: 'failed',
          configuration: 'development',
          version: expect.any(String) as string,
          trigger: { kind: 'code', by: null },
          attempt: 1,
          createdAt: '2026-11-23T10:30:00.000Z',
          startedAt: '2026-11-23T10:30:00.000Z',
          finishedAt: '2026-11-23T10:30:00.000Z',
          durationMs: 0,
        },
        error: { name: 'TypeError', code: null, message: 'no row 7', task: 'load', fingerprint: failure?.fingerprint },
      },
    })
    expect(alert).toMatchObject({ rule: 'ops', kind: 'failed', flowId: 'fails', runId, attempts: 1, event })
    expect((await engine.getAlerts({ state: 'pending' })).items).toEqual([])
    await host.clock.advance(HOUR)
    expect(host.receiver.received).toHaveLength(1)
  })

  it('goes to those who want it: by kind and by flow, and not before the last attempt of the flow', async () => {
    const told: string[] = []
    const handler = ({ data }: AlertEvent): unknown => told.push(`${data.rule} ${data.flow.id}`)
    const engine = await host.start([
      { name: 'all', on: ['failed', 'recovered'], handler },
      { name: 'one', on: ['failed'], flows: ['Mixed Bag'], handler },
      { name: 'slow', on: ['slow'], handler },
    ])
    const stubborn = flow('stubborn', { retry: { attempts: 2, backoff: 10 } }, () => Promise.reject(new Error('no')))
    engine.registerFlow(stubborn)
    engine.registerFlow(fails)
    engine.registerFlow(flow('Mixed Bag', { id: 'mixed' }, () => Promise.reject(new Error('no'))))
    await engine.triggerFlow(stubborn)
    await runOf(engine, 'mixed')
    await runOf(engine, 'fails', 1)
    await host.until(() => told.length === 4)
    await host.clock.advance(SECOND)
    expect(told.toSorted()).toEqual(['all fails', 'all mixed', 'all stubborn', 'one mixed'])
  })
})

describe('a rule with a time', () => {
  it('tells of the first failure of a flow in that time, and of its recovery all the same', async () => {
    const told: string[] = []
    const handler = ({ type, data }: AlertEvent): unknown => told.push(`${type} ${data.flow.id}`)
    const engine = await host.start([{ on: ['failed', 'recovered'], every: '10m', handler }])
    engine.registerFlow(fails)
    engine.registerFlow(mixed)
    for (let row = 0; row < 5; row++) await runOf(engine, 'fails', row)
    await runOf(engine, 'mixed', false)
    await runOf(engine, 'mixed', true)
    await host.clock.advance(600 * SECOND)
    await runOf(engine, 'fails', 6)
    await host.until(() => told.length === 4)
    await host.clock.advance(SECOND)
    expect(told.toSorted()).toEqual([
      'flow.recovered mixed',
      'run.failed fails',
      'run.failed fails',
      'run.failed mixed',
    ])
  })
})

describe('a rule with a time, after a restart', () => {
  it('does not tell again what it has told a short time ago', async () => {
    const told: string[] = []
    const handler = ({ type, data }: AlertEvent): unknown => told.push(`${type} ${data.flow.id}`)
    const rules = [{ name: 'ops', on: ['failed'] as const, every: '10m' as const, handler }]
    const folder = mkdtempSync(join(tmpdir(), 'perfect-alerts-'))
    const start = async (): Promise<FlowEngine> => {
      const storage = sqliteStorage(join(folder, 'perfect.db'), { clock: host.clock })
      const engine = await host.start(rules, { storage })
      engine.registerFlow(fails)
      engine.registerFlow(mixed)
      return engine
    }
    const first = await start()
    await runOf(first, 'fails', 1)
    await host.until(() => told.length === 1)
    await first.stop({ drainMs: 0 })
    const second = await start()
    await runOf(second, 'fails', 2)
    await runOf(second, 'mixed', false)
    await host.until(() => told.length === 2)
    await host.clock.advance(600 * SECOND)
    await runOf(second, 'fails', 3)
    await host.until(() => told.length === 3)
    await second.stop({ drainMs: 0 })
    rmSync(folder, { recursive: true })
    expect(told).toEqual(['run.failed fails', 'run.failed mixed', 'run.failed fails'])
  })
})

describe('a rule with a time, in two engines on one storage', () => {
  it('tells once of an outage that both of them see', async () => {
    const told: string[] = []
    const rules = [{ name: 'ops', on: ['failed'] as const, every: '10m' as const, handler: () => told.push('failed') }]
    const folder = mkdtempSync(join(tmpdir(), 'perfect-alerts-'))
    const start = async (): Promise<FlowEngine> => {
      const storage = sqliteStorage(join(folder, 'perfect.db'), { clock: host.clock })
      const engine = await host.start(rules, { storage })
      engine.registerFlow(fails)
      return engine
    }
    const first = await start()
    const second = await start()
    for (const [row, engine] of [first, second, first, second].entries()) await runOf(engine, 'fails', row)
    await host.until(() => told.length > 0)
    expect((await first.getAlerts()).items).toHaveLength(1)
    await host.clock.advance(600 * SECOND)
    await runOf(second, 'fails', 9)
    await host.until(() => told.length === 2)
    for (const engine of [first, second]) await engine.stop({ drainMs: 0 })
    rmSync(folder, { recursive: true })
  })
})

describe('an alert of a slow run', () => {
  const work = flow('work', { plan: [{ name: 'long', estimatedTime: '10s' }] }, () =>
    step('long', ({ signal }) => new Promise((_done, reject) => signal.addEventListener('abort', reject))),
  )

  it('is told while it runs, once, when it takes longer than was to be expected', async () => {
    const engine = await host.start([host.webhook(['slow'])])
    engine.registerFlow(work)
    const { id } = await engine.triggerFlow(work)
    await host.clock.advance(30 * SECOND)
    expect((await engine.getAlerts()).items).toEqual([])
    await host.clock.advance(20 * SECOND)
    await host.until(() => host.receiver.received.length === 1)
    await host.clock.advance(60 * SECOND)
    expect(host.receiver.received).toHaveLength(1)
    expect(host.receiver.received[0]?.event).toMatchObject({
      type: 'run.slow',
      data: { run: { id, status: 'running' }, expected: { expectedMs: 10_000 } },
    })
    await engine.cancelRun(id)
    await host.clock.advance(SECOND)
  })

  it('is none of a run that waits for people', async () => {
    const engine = await host.start([host.webhook(['slow'])])
    const asks = flow('asks', { plan: [{ name: 'x', estimatedTime: 5 }] }, async () => {
      await step('x', () => 1)
      await approval('go')
    })
    engine.registerFlow(asks)
    await engine.triggerFlow(asks)
    await host.clock.advance(HOUR)
    expect((await engine.getAlerts()).items).toEqual([])
  })
})

describe('an alert of a flow that has recovered', () => {
  it('is told with the first run that succeeds after others had failed, also when the engine was restarted', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'perfect-alerts-'))
    try {
      const options = () => ({ storage: sqliteStorage(join(folder, 'perfect.db'), { clock: host.clock }) })
      const first = await host.start([host.webhook(['recovered'])], options())
      first.registerFlow(mixed)
      await runOf(first, 'mixed', true)
      await runOf(first, 'mixed', false)
      await host.clock.advance(60 * SECOND)
      await runOf(first, 'mixed', false)
      await first.stop()
      const engine = await host.start([host.webhook(['recovered'])], options())
      engine.registerFlow(mixed)
      const good = await runOf(engine, 'mixed', true)
      await runOf(engine, 'mixed', true)
      await host.until(() => host.receiver.received.length === 1)
      await host.clock.advance(SECOND)
      expect(host.receiver.received.map(({ event }) => event)).toMatchObject([
        {
          type: 'flow.recovered',
          data: { run: { id: good }, failingSince: '2026-11-23T10:30:00.000Z', failedRuns: 2, flow: { id: 'mixed' } },
        },
      ])
      await engine.stop()
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('an alert of missed times', () => {
  it('is told when nobody was there to start the runs', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'perfect-alerts-'))
    try {
      const options = () => ({ storage: sqliteStorage(join(folder, 'perfect.db'), { clock: host.clock }) })
      const hourly = flow('hourly', { schedule: { every: '1h', missed: 'skip' } }, () => 1)
      const first = await host.start([host.webhook(['missed'])], options())
      first.registerFlow(hourly)
      await host.clock.advance(SECOND)
      await first.stop()
      host.clock.jumpTo(AT + 5.5 * HOUR)
      const engine = await host.start([host.webhook(['missed'])], options())
      engine.registerFlow(hourly)
      await host.until(() => host.receiver.received.length === 1)
      expect(host.receiver.received[0]?.event).toMatchObject({
        type: 'schedule.missed',
        data: { flow: { id: 'hourly' }, reason: 'down', isMore: false, count: expect.any(Number) as number },
      })
      expect(await alertOf(engine)).toMatchObject({ kind: 'missed', runId: null, scheduleId: 'hourly' })
      await host.clock.advance(SECOND)
      expect(host.receiver.received).toHaveLength(1)
      await engine.stop()
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('getAlerts()', () => {
  it('gives pages, newest first, and refuses what it does not know', async () => {
    const engine = await host.start([{ on: ['failed'], handler: () => null }])
    engine.registerFlow(fails)
    for (let row = 0; row < 3; row++) {
      await runOf(engine, 'fails', row)
      await host.clock.advance(SECOND)
    }
    const first = await engine.getAlerts({ limit: 2, flow: 'fails' })
    const rest = await engine.getAlerts({ limit: 2, flow: 'fails', cursor: first.nextCursor ?? '' })
    const times = [...first.items, ...rest.items].map(({ createdAt }) => Date.parse(createdAt) - AT)
    expect([times, rest.nextCursor]).toEqual([[2000, 1000, 0], null])
    await expect(engine.getAlerts({ cursor: 'x' })).rejects.toThrow(code('CURSOR_INVALID'))
    await expect(engine.getAlerts({ limit: 0 })).rejects.toThrow(code('REQUEST_INVALID'))
    await expect(engine.getAlerts({ state: 'lost' as 'pending' })).rejects.toThrow(code('REQUEST_INVALID'))
  })

  it('refuses an engine with a rule that is not valid', () => {
    expect(() => new FlowEngine({ alerts: [{ on: ['failed'] }] })).toThrow(code('ALERT_INVALID'))
  })
})
