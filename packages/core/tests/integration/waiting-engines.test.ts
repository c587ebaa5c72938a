/* Two engines on one SQLite file, as two processes have it: what is asked of one reaches the run that the other holds. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { approval, flow, FlowEngine, sleep, step, waitFor, type Flow } from '@perfect/core'
import { sqliteStorage } from '@perfect/core/sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { ManualClock } from '../../src/testing/manual-clock.ts'

const HOUR_MS = 3_600_000

describe('two engines on one file', () => {
  let folder: string
  let clock: ManualClock
  let engines: FlowEngine[]

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'perfect-waiting-'))
    clock = new ManualClock()
    engines = []
  })
  afterEach(async () => {
    const stopping = Promise.all(engines.map((engine) => engine.stop({ drainMs: 0 })))
    await pass(100)
    await stopping
    rmSync(folder, { recursive: true, force: true })
  })

  /** @param flows Those that it can run. */
  async function startEngine(
    flows: readonly Flow<never, unknown>[] = [],
    options: { readonly concurrency?: number; readonly leaseMs?: number } = {},
  ): Promise<FlowEngine> {
    const storage = sqliteStorage(join(folder, 'runs.db'), { clock })
    // Runs stay with their holder, and nothing is found because a lease happens to be renewed.
    const engine = new FlowEngine({ storage, clock, leaseMs: 24 * HOUR_MS, parkAfterMs: HOUR_MS, ...options })
    for (const one of flows) engine.registerFlow(one)
    engines.push(engine)
    await engine.start()
    return engine
  }

  // A storage in another thread answers while no time passes, so it passes in steps.
  async function pass(durationMs: number): Promise<void> {
    for (let part = 0; part < 20; part++) {
      await clock.advance(durationMs / 20)
      for (let turn = 0; turn < 3; turn++) {
        for (const engine of engines) await engine.getRuns({ limit: 1 }).catch(() => null)
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
  }

  const order = flow('order', async () => {
    const paid = await waitFor<number>('paid', { match: 'order-1' })
    const decision = await approval('ship')
    return `${String(paid)} ${String(decision?.by)}`
  })

  it('a signal and an approval sent to one reach a run that the other holds within about a second', async () => {
    const holder = await startEngine([order])
    const other = await startEngine()
    const run = await holder.triggerFlow(order)
    await pass(2000)
    expect((await other.getRun(run.id)).status).toBe('running')
    expect(await other.sendSignal('paid', 7, { match: 'order-1' })).toMatchObject({ takenBy: run.id })
    await pass(1500)
    await other.approve(run.id, 'ship', { approved: true, by: 'ann' })
    await pass(1500)
    expect(await run.result()).toBe('7 ann')
  })

  it('a pause and a resume asked of one reach a run that the other holds', async () => {
    const naps = flow('naps', async () => {
      for (let nap = 0; nap < 100; nap++) await sleep('500ms')
    })
    const holder = await startEngine([naps])
    const other = await startEngine()
    const run = await holder.triggerFlow(naps)
    await pass(2000)
    await other.pauseRun(run.id)
    await pass(2000)
    const paused = await holder.getRun(run.id)
    expect(paused).toMatchObject({ status: 'waiting', reason: 'paused' })
    await pass(10_000)
    expect((await holder.getRun(run.id)).progress.done).toBe(paused.progress.done)
    await holder.resumeRun(run.id)
    await pass(2000)
    expect((await other.getRun(run.id)).progress.done).toBeGreaterThan(paused.progress.done)
  })

  it.each([
    ['politely', false],
    ['by force', true],
  ])('a cancel asked of one ends a run that the other holds %s, and frees its slot', async (_how, force) => {
    const signals: AbortSignal[] = []
    const long = flow('long', () =>
      step('wait', ({ signal }) => {
        signals.push(signal)
        return new Promise((_resolve, reject) => {
          if (!force) signal.addEventListener('abort', () => reject(signal.reason as Error))
        })
      }),
    )
    const holder = await startEngine([long])
    const other = await startEngine()
    const run = await holder.triggerFlow(long)
    await pass(1000)
    await other.cancelRun(run.id, { force, reason: 'enough' })
    await pass(3000)
    expect(await other.getRun(run.id)).toMatchObject({ status: 'cancelled', cancelReason: 'enough' })
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
    await expect(run.result()).rejects.toThrow(expect.objectContaining({ code: 'RUN_CANCELLED' }))
  })

  it('a flow called in one may run in the other, and its end reaches the caller', async () => {
    const part = flow('part', (size: number) => step('double', () => size * 2))
    let letGo: (value: string) => void = () => undefined
    // The caller has one slot, and is never at rest: the other one has to run the part.
    const whole = flow('whole', (size: number) =>
      Promise.all([part(size), step('busy', () => new Promise<string>((resolve) => (letGo = resolve)))]),
    )
    const caller = await startEngine([whole, part], { concurrency: 1 })
    const worker = await startEngine([part], { leaseMs: 3000 })
    const run = await caller.triggerFlow(whole, { input: 4 })
    await pass(5000)
    const [child] = (await worker.getRuns({ parentRunId: run.id })).items
    expect(child).toMatchObject({ status: 'succeeded', trigger: { kind: 'parent', by: run.id } })
    letGo('done')
    await pass(1000)
    expect(await run.result()).toEqual([8, 'done'])
  })
})
