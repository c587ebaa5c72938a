import { flow, type FlowEngine, memoryStorage, sleep, step, task } from '@perfect/core'
import { faultyStorage, ManualClock } from '@perfect/core/testing'
import { describe, expect, it } from 'vitest'

import { startEngine } from './start-engine.ts'

/** Values of the samples by their name and labels. */
async function samples(engine: FlowEngine): Promise<Map<string, number>> {
  const lines = (await engine.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]))
}

const flaky = (attempts: number) => {
  let calls = 0
  return task('fetch', { retry: { attempts, backoff: 1 } }, () => {
    calls++
    if (calls < attempts) throw new Error('not yet')
    return calls
  })
}

describe('FlowEngine.metrics()', () => {
  it('counts runs by flow, configuration and status', async () => {
    const ok = flow('ok', () => step('work', () => 1))
    const bad = flow('bad', () => Promise.reject(new Error('no')))
    const engine = await startEngine({}, ok, bad)
    await Promise.all([1, 2].map(async () => (await engine.triggerFlow(ok, 'release')).result()))
    await (await engine.triggerFlow(bad)).result().catch(() => undefined)
    const found = await samples(engine)
    expect(found.get('perfect_runs_triggered_total{flow="ok",configuration="release"}')).toBe(2)
    expect(found.get('perfect_runs_ended_total{flow="ok",configuration="release",status="succeeded"}')).toBe(2)
    expect(found.get('perfect_runs_ended_total{flow="bad",configuration="development",status="failed"}')).toBe(1)
    expect(found.get('perfect_run_duration_seconds_count{flow="ok"}')).toBe(2)
    expect(found.get('perfect_run_queue_wait_seconds_count{flow="bad"}')).toBe(1)
    expect(found.get('perfect_runs{status="succeeded"}')).toBe(2)
    expect(found.get('perfect_runs_running')).toBe(0)
  })

  it('counts attempts, failures and retries of tasks', async () => {
    const fetch = flaky(3)
    const crawl = flow('crawl', () => fetch())
    const engine = await startEngine({}, crawl)
    await (await engine.triggerFlow(crawl)).result()
    const found = await samples(engine)
    const counted = ['attempts', 'failures', 'retries'].map((what) =>
      found.get(`perfect_task_${what}_total{flow="crawl",task="fetch"}`),
    )
    expect(counted).toEqual([3, 2, 2])
    expect(found.get('perfect_task_duration_seconds_count{flow="crawl",task="fetch"}')).toBe(1)
  })

  it('times runs and their waiting by the clock', async () => {
    const clock = new ManualClock()
    const nap = flow('nap', () => step('wait', () => new Promise((resolve) => clock.setTimer(2000, () => resolve(1)))))
    const engine = await startEngine({ clock, concurrency: 1 }, nap)
    const runs = await Promise.all([engine.triggerFlow(nap), engine.triggerFlow(nap)])
    await clock.advance(5000)
    await Promise.all(runs.map((run) => run.result()))
    const found = await samples(engine)
    expect(found.get('perfect_run_duration_seconds_sum{flow="nap"}')).toBeCloseTo(4)
    expect(found.get('perfect_run_queue_wait_seconds_sum{flow="nap"}')).toBeCloseTo(2)
  })

  it('counts the times of schedules that started a run, and those that did not', async () => {
    const clock = new ManualClock()
    const slow = flow('slow', { schedule: { cron: '0 * * * *', overlap: 'skip' } }, () => sleep('90m'))
    const engine = await startEngine({ clock }, slow)
    await clock.advance(4 * 3_600_000)
    const found = await samples(engine)
    expect(found.get('perfect_schedules_fired_total{flow="slow"}')).toBe(2)
    expect(found.get('perfect_schedules_missed_total{flow="slow",reason="overlap"}')).toBe(2)
  })

  it('counts commits, and tells of the lease, the process and the event loop', async () => {
    const lag = { meanMs: 2, p99Ms: 40, maxMs: 90 }
    const engine = await startEngine({ readEventLoopLag: () => lag })
    const found = await samples(engine)
    expect(found.get('perfect_commit_duration_seconds_count')).toBeGreaterThan(0)
    expect(found.get('perfect_commit_changes_bucket{le="+Inf"}')).toBe(found.get('perfect_commit_changes_count'))
    expect(found.get('perfect_engine_lease_age_seconds')).toBeGreaterThanOrEqual(0)
    expect(found.get('perfect_event_loop_lag_p99_seconds')).toBe(0.04)
    expect(found.get('perfect_process_resident_memory_bytes')).toBeGreaterThan(1e6)
    expect(found.get('perfect_engine_healthy')).toBe(1)
  })

  it('answers while the storage does not, and counts that', async () => {
    const clock = new ManualClock()
    const storage = faultyStorage(memoryStorage({ clock }), { at: 2, kind: 'fail', moment: 'before', times: 1000 })
    const ok = flow('ok', () => 1)
    const engine = await startEngine({ clock, storage, onError: () => undefined }, ok)
    await expect(engine.triggerFlow(ok)).rejects.toThrow('Planned fault')
    const found = await samples(engine)
    expect(found.get('perfect_engine_problem{code="STORAGE_UNREACHABLE"}')).toBe(1)
    expect(found.get('perfect_storage_failures_total{code="STORAGE_UNAVAILABLE"}')).toBeGreaterThan(0)
    await Promise.all([engine.stop(), clock.advance(60_000)])
  })

  it('keeps the number of series bounded, whatever tasks are called', async () => {
    const many = flow('many', async () => {
      for (let n = 0; n < 600; n++) await step(`task ${String(n)}`, () => n)
    })
    const engine = await startEngine({}, many)
    await (await engine.triggerFlow(many)).result()
    const found = await samples(engine)
    const attempts = [...found.keys()].filter((name) => name.startsWith('perfect_task_attempts_total'))
    expect(attempts).toHaveLength(501)
    expect(found.get('perfect_task_attempts_total{flow="other",task="other"}')).toBe(100)
  })
})
