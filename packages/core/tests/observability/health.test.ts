import { flow, FlowEngine, memoryStorage, step, type EngineHealth } from '@perfect/core'
import { faultyStorage, ManualClock } from '@perfect/core/testing'
import { describe, expect, it } from 'vitest'

import { startEngine } from './start-engine.ts'

const codes = ({ status, reasons }: EngineHealth): string[] => [status, ...reasons.map(({ code }) => code)]
const START = new ManualClock().now()
const after = (ms: number): string => new Date(START + ms).toISOString()

describe('FlowEngine.health()', () => {
  it('is ok while all is well, with what was measured', async () => {
    const clock = new ManualClock()
    const ok = flow('ok', () => 1)
    const engine = await startEngine({ clock, readEventLoopLag: () => ({ meanMs: 1, p99Ms: 2, maxMs: 3 }) }, ok)
    await (await engine.triggerFlow(ok)).result()
    await clock.advance(2000)
    expect(await engine.health()).toEqual({
      status: 'ok',
      reasons: [],
      engineId: engine.id,
      state: 'running',
      storage: 'memory',
      runs: { succeeded: 1 },
      uptimeMs: 2000,
      running: 0,
      queued: 0,
      eventLoopLag: { meanMs: 1, p99Ms: 2, maxMs: 3 },
      storageRoundTripMs: 0,
      leaseAgeMs: 2000,
    })
  })

  it('gives no reasons before the start and after the stop', async () => {
    const engine = new FlowEngine()
    expect(await engine.health()).toMatchObject({ status: 'ok', state: 'idle', runs: {}, leaseAgeMs: null })
    await engine.start()
    await engine.stop()
    expect(await engine.health()).toMatchObject({ status: 'ok', state: 'stopped', runs: {}, reasons: [] })
  })

  it('tells since when the storage takes nothing and the lease is not renewed, and that both are over', async () => {
    const clock = new ManualClock()
    // The second commit is the first renewal.
    const storage = faultyStorage(memoryStorage({ clock }), { at: 2, kind: 'fail', moment: 'before', times: 4 })
    const engine = await startEngine({ clock, storage, leaseMs: 15_000, onError: () => undefined })
    await clock.advance(17_000)
    const health = await engine.health()
    expect(codes(health)).toEqual(['failing', 'STORAGE_UNREACHABLE', 'LEASE_NOT_RENEWED'])
    expect(health.reasons.map(({ since }) => since)).toEqual([after(5000), after(0)])
    await clock.advance(10_000)
    expect(codes(await engine.health())).toEqual(['ok'])
  })

  it('tells of an event loop that is late, since it was noticed', async () => {
    const clock = new ManualClock()
    let p99Ms = 900
    const engine = await startEngine({ clock, readEventLoopLag: () => ({ meanMs: 1, p99Ms, maxMs: p99Ms }) })
    await clock.advance(1000)
    await engine.health()
    await clock.advance(1000)
    const health = await engine.health()
    expect(codes(health)).toEqual(['degraded', 'EVENT_LOOP_SLOW'])
    expect(health.reasons).toMatchObject([{ since: after(1000), message: expect.stringContaining('900 ms') as string }])
    p99Ms = 1
    expect(codes(await engine.health())).toEqual(['ok'])
  })

  it('tells of a queue that does not move, by the age of its oldest run', async () => {
    const clock = new ManualClock()
    const hang = flow('hang', () =>
      step('wait', () => new Promise((resolve) => clock.setTimer(200_000, () => resolve(1)))),
    )
    const engine = await startEngine({ clock, concurrency: 1, healthLimits: { queueAgeMs: 30_000 } }, hang)
    await engine.triggerFlow(hang)
    await engine.triggerFlow(hang)
    await clock.advance(20_000)
    expect(await engine.health()).toMatchObject({ status: 'ok', running: 1, queued: 1 })
    await clock.advance(20_000)
    expect(codes(await engine.health())).toEqual(['degraded', 'QUEUE_STALLED'])
    await clock.advance(400_000)
  })

  it('tells of a clock that jumped', async () => {
    const clock = new ManualClock()
    const engine = await startEngine({ clock })
    clock.jumpTo(clock.now() + 3_600_000)
    expect(codes(await engine.health())).toEqual(['degraded', 'CLOCK_JUMPED'])
  })

  it('refuses limits that are no times', () => {
    expect(() => new FlowEngine({ healthLimits: { queueAgeMs: 0 } })).toThrow('healthLimits.queueAgeMs')
  })
})
