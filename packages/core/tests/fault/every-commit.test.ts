import { flow, FlowEngine, map, memoryStorage, step, task, type Storage } from '@perfect/core'
import { describe, expect, it } from 'vitest'

import { faultyStorage, type FaultPlan } from '../../src/testing/faulty-storage.ts'
import { ManualClock } from '../../src/testing/manual-clock.ts'

const FLOW = 'sample'

/** A flow with what flows have: a task, a retry, a fan-out and a result; it counts the ends of its tasks. */
function sample(ended: Map<string, number>) {
  const count = (key: string): void => void ended.set(key, (ended.get(key) ?? 0) + 1)
  const square = task('square', (n: number) => {
    count(`square ${String(n)}`)
    return n * n
  })
  return flow(FLOW, async () => {
    const seed = await step('seed', { retry: { attempts: 2, backoff: 1 } }, ({ attempt }) => {
      if (attempt === 1) throw new Error('first try')
      count('seed')
      return 2
    })
    const squares = await map('squares', [seed, seed + 1], (n) => square(n))
    return step('sum', () => {
      count('sum')
      return squares.reduce((total, n) => total + n, 0)
    })
  })
}

/** A storage of which one engine can die while the test and the next engine still use it. */
function keptOpen(storage: Storage): Storage {
  return { ...storage, close: () => Promise.resolve() }
}

interface Outcome {
  readonly commits: number
  readonly runId: string | null
  /** Whether the trigger was answered. */
  readonly isTriggered: boolean
  readonly ended: ReadonlyMap<string, number>
}

async function runWithFault(kept: Storage, plan: FaultPlan | null): Promise<Outcome> {
  const clock = new ManualClock()
  const faulty = faultyStorage(keptOpen(kept), plan)
  const ended = new Map<string, number>()
  const engine = new FlowEngine({ storage: faulty, clock, onError: () => undefined })
  engine.registerFlow(sample(ended))
  const isOver = { value: false }
  let isTriggered = false
  const run = engine.start().then(() => engine.triggerFlow(FLOW))
  run.then(
    () => (isTriggered = true),
    () => undefined,
  )
  const done = run
    .then((handle) => handle.result())
    .then(
      () => (isOver.value = true),
      () => (isOver.value = true),
    )
  void faulty.crashed.then(() => (isOver.value = true))
  for (let round = 0; !isOver.value && round < 200; round++) await clock.advance(100)
  if (plan?.kind !== 'crash') await done
  const items = await kept.runs.list({ limit: 10 })
  if (plan?.kind === 'crash') await kept.commit([{ type: 'engine.remove', engineId: engine.id }])
  else await Promise.all([engine.stop({ drainMs: 0 }), clock.advance(20_000)])
  return { commits: faulty.callCount, runId: items[0]?.id ?? null, isTriggered, ended }
}

async function recover(kept: Storage, runId: string, ended: Map<string, number>): Promise<unknown> {
  const clock = new ManualClock()
  const engine = new FlowEngine({ storage: keptOpen(kept), clock })
  engine.registerFlow(sample(ended))
  await engine.start()
  for (let round = 0; round < 200 && (await engine.getRun(runId)).finishedAt === null; round++) await clock.advance(100)
  const { run, result } = await engine.getRunDetail(runId)
  expect(run).toMatchObject({ status: 'succeeded', progress: { percent: 100 } })
  await engine.stop({ drainMs: 0 })
  return result
}

describe('F-01 I1 I4 a crash at any commit', () => {
  it.each(['before', 'after'] as const)('%s it is stored loses no run and repeats no recorded task', async (moment) => {
    const { commits } = await runWithFault(memoryStorage(), null)
    expect(commits).toBeGreaterThan(6)
    for (let at = 1; at <= commits; at++) {
      const kept = memoryStorage()
      const { runId, ended } = await runWithFault(kept, { at, kind: 'crash', moment })
      // A run that was never acknowledged may be gone; one that is stored ends.
      if (runId === null) continue
      const recorded = (await kept.tasks.list(runId)).filter(({ position }) => position !== null)
      const again = new Map<string, number>()
      expect(await recover(kept, runId, again)).toBe(13)
      for (const { name, value } of recorded) {
        const key = name === 'square' ? `square ${String(Math.sqrt(Number(value)))}` : name
        expect([at, key, again.get(key) ?? 0]).toEqual([at, key, 0])
        expect(ended.get(key)).toBe(1)
      }
    }
  })
})

describe('F-03 F-09 a storage that is away at any commit', () => {
  it.each(['before', 'after'] as const)(
    '%s it is stored only delays the run, or refuses the trigger with a coded error',
    async (moment) => {
      const { commits } = await runWithFault(memoryStorage(), null)
      for (let at = 1; at <= commits; at++) {
        const kept = memoryStorage()
        const { runId, isTriggered, ended } = await runWithFault(kept, { at, kind: 'fail', moment, times: 3 })
        if (runId === null) continue
        const run = await kept.runs.get(runId)
        // Who was told that the trigger failed may try again: there must not be two runs.
        const isRecovered = isTriggered && run?.status !== 'succeeded'
        const result = isRecovered ? await recover(kept, runId, new Map()) : Number(await kept.runs.result(runId))
        expect([at, result]).toEqual([at, isTriggered ? 13 : 0])
        expect(isTriggered || (run?.status === 'cancelled' && ended.size === 0)).toBe(true)
      }
    },
  )

  it('gives a trigger STORAGE_UNAVAILABLE, shows in the health, and passes', async () => {
    const clock = new ManualClock()
    const engine = new FlowEngine({
      storage: faultyStorage(memoryStorage(), { at: 2, kind: 'fail', moment: 'before', times: 2 }),
      clock,
    })
    engine.registerFlow(sample(new Map()))
    await engine.start()
    await expect(engine.triggerFlow(FLOW)).rejects.toThrow(
      expect.objectContaining({ code: 'STORAGE_UNAVAILABLE', retryable: true }),
    )
    expect((await engine.health()).status).toBe('failing')
    expect((await engine.getRuns()).items).toEqual([])
    await clock.advance(1000)
    await engine.triggerFlow(FLOW)
    expect((await engine.health()).status).toBe('ok')
    await engine.stop({ drainMs: 0 })
  })
})
