import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

import {
  approval,
  flow,
  FlowEngine,
  memoryStorage,
  scope,
  sleep,
  step,
  waitFor,
  type Flow,
  type Storage,
} from '@perfect/core'
import { sqliteStorage } from '@perfect/core/sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { ManualClock } from '../../src/testing/manual-clock.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const RUNS = 2000
const BATCH = 100
const LIMIT_MS = 60_000

describe.each(['memory', 'sqlite file'])('parked runs on %s', (kind) => {
  let folder: string
  let clock: ManualClock
  let storage: Storage
  let engine: FlowEngine

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'perfect-parking-'))
    clock = new ManualClock()
    storage = kind === 'memory' ? memoryStorage({ clock }) : sqliteStorage(join(folder, 'runs.db'), { clock })
  })
  afterEach(async () => {
    await Promise.all([engine.stop({ drainMs: 0 }), clock.advance(1000)])
    rmSync(folder, { recursive: true, force: true })
  })

  async function startEngine(
    flows: readonly Flow<never, unknown>[],
    options: { readonly concurrency?: number; readonly parkAfterMs?: number } = {},
  ): Promise<void> {
    engine = new FlowEngine({ storage, clock, leaseMs: 30 * 86_400_000, ...options })
    for (const one of flows) engine.registerFlow(one)
    await engine.start()
  }

  /** Lets little time pass until so many runs have a status. */
  async function until(status: 'waiting' | 'succeeded', count: number, stepMs = 1): Promise<void> {
    for (let round = 0; round < 20_000; round++) {
      if (((await storage.stats.counts())[status] ?? 0) >= count) return
      await clock.advance(stepMs)
      await new Promise((resolve) => setImmediate(resolve))
    }
    throw new Error(`${JSON.stringify(await storage.stats.counts())} runs, but not ${String(count)} ${status}`)
  }

  async function heapUsed(): Promise<number> {
    for (let turn = 0; turn < 5; turn++) {
      collectGarbage()
      await new Promise((resolve) => setImmediate(resolve))
    }
    return process.memoryUsage().heapUsed
  }

  const napping = flow('napping', async () => {
    await step('before', () => 1)
    await sleep('1h')
    return step('after', () => 2)
  })

  async function triggerAll(): Promise<void> {
    for (let batch = 0; batch < RUNS; batch += BATCH)
      await Promise.all(Array.from({ length: BATCH }, () => engine.triggerFlow(napping)))
  }

  it(
    'leave nothing in memory: no timer, no journal, no code that waits; and all go on when their time has come',
    async () => {
      await startEngine([napping])
      await triggerAll()
      await until('waiting', RUNS)
      const [timers, before] = [clock.pending, await heapUsed()]
      await triggerAll()
      await until('waiting', 2 * RUNS)
      // What a memory storage keeps of a run is its record, two task records and what finds them.
      const limit = kind === 'memory' ? 8192 : 256
      expect(((await heapUsed()) - before) / RUNS).toBeLessThan(limit)
      expect(clock.pending).toBeLessThanOrEqual(timers)
      expect(clock.pending).toBeLessThan(20)
      await clock.advance(3_600_000)
      await until('succeeded', 2 * RUNS)
    },
    LIMIT_MS,
  )

  it('are parked at once for a time that is known, and after a moment for what may come at any time', async () => {
    const asking = flow('asking', () => approval('go'))
    await startEngine([napping, asking], { parkAfterMs: 3000 })
    const nap = await engine.triggerFlow(napping)
    const ask = await engine.triggerFlow(asking)
    await until('waiting', 1)
    expect((await storage.runs.get(nap.id))?.engineId).toBeNull()
    expect((await storage.runs.get(ask.id))?.engineId).toBe(engine.id)
    for (let second = 0; second < 4; second++) await until('waiting', 1, 1000).then(() => clock.advance(1000))
    await until('waiting', 2)
    expect(await storage.runs.get(ask.id)).toMatchObject({ engineId: null, reason: 'approval', wakeAt: null })
  })

  it('wake for the first of several things that they wait for', async () => {
    const several = flow('several', () =>
      Promise.race([
        scope('late', () => sleep('3h').then(() => 'late')),
        scope('early', () => sleep('2h').then(() => 'early')),
        scope('asked', () => waitFor<string>('asked')),
      ]),
    )
    await startEngine([several], { parkAfterMs: 0 })
    const timed = await engine.triggerFlow(several)
    const asked = await engine.triggerFlow(several)
    await until('waiting', 2)
    await engine.signalRun(asked.id, 'asked', 'asked')
    await until('succeeded', 1)
    expect(await asked.result()).toBe('asked')
    await clock.advance(2 * 3_600_000)
    await until('succeeded', 2)
    expect(await timed.result()).toBe('early')
  })

  it('leave their slot to others, so that flows that call flows end with a single slot', async () => {
    const leaf = flow('leaf', (size: number) => step('leaf', () => size))
    const branch = flow('branch', async (size: number) => {
      const parts: number[] = []
      for (let part = 0; part < 2; part++) parts.push(await leaf(size + part))
      return parts
    })
    const tree = flow('tree', () => Promise.all([branch(10), branch(20)]))
    await startEngine([leaf, branch, tree], { concurrency: 1 })
    const run = await engine.triggerFlow(tree)
    await until('succeeded', 7)
    expect(await run.result()).toEqual([
      [10, 11],
      [20, 21],
    ])
    // Nobody had to wait for a timer.
    expect(Date.parse((await engine.getRun(run.id)).finishedAt ?? '') - 1_800_000_000_000).toBeLessThan(5000)
  })
})
