import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { ModelWorker } from '../workers/model-worker.ts'
import { LEASE_MS, WorkerBench } from '../workers/scripted-worker.ts'

const TASKS = 5
const WORKERS = 2

type Step =
  | { readonly do: 'work' | 'connect' | 'break' | 'beat'; readonly worker: number }
  | { readonly do: 'deliver'; readonly worker: number; readonly count: number; readonly isDoubled: boolean }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'restart' }

const worker = fc.nat(WORKERS - 1)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ do: fc.constantFrom('work', 'connect', 'beat'), worker }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('break'), worker }) },
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant('deliver'),
      worker,
      count: fc.integer({ min: 1, max: 4 }),
      isDoubled: fc.boolean(),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('wait'), ms: fc.constantFrom(1, 400, LEASE_MS / 2, LEASE_MS) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart') }) },
)

async function doStep(bench: WorkerBench, workers: readonly ModelWorker[], one: Step): Promise<void> {
  if (one.do === 'wait') return bench.clock.advance(one.ms)
  if (one.do === 'restart') {
    await bench.stop()
    await bench.start()
    return
  }
  const actor = workers[one.worker]
  if (one.do === 'deliver') actor?.deliver(one.count, one.isDoubled)
  else actor?.[one.do]()
  await bench.settle()
}

/** No more faults: everything that is left is done. */
async function heal(bench: WorkerBench, workers: readonly ModelWorker[]): Promise<void> {
  for (let round = 0; round < 60; round++) {
    for (const actor of workers) {
      actor.connect()
      await bench.settle()
      actor.work()
      actor.deliver(100, false)
      actor.beat()
    }
    await bench.clock.advance(LEASE_MS / 3)
  }
}

describe('F-10 F-14 runs over connections that lose, double and break', () => {
  test('end with every key recorded once, every line of an epoch once, and nothing acknowledged lost', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const bench = new WorkerBench()
        await bench.start()
        await bench.engine.registerRemoteFlow({ name: 'Model' })
        const workers = Array.from(
          { length: WORKERS },
          (_, index) => new ModelWorker(bench, `w${String(index)}`, TASKS),
        )
        const runIds = [await bench.trigger('model'), await bench.trigger('model'), await bench.trigger('model')]
        const seen = new Map<string, number>()
        for (const one of steps) {
          await doStep(bench, workers, one)
          for (const runId of runIds) {
            const { progress } = await bench.engine.getRun(runId)
            expect(progress.percent).toBeGreaterThanOrEqual(seen.get(runId) ?? 0)
            seen.set(runId, progress.percent)
          }
        }
        await heal(bench, workers)
        for (const runId of runIds) await checkRun(bench, runId)
        await bench.stop()
      }),
      { numRuns: 150 },
    )
  }, 60_000)
})

async function checkRun(bench: WorkerBench, runId: string): Promise<void> {
  const { run, tasks, result } = await bench.engine.getRunDetail(runId)
  expect([run.status, result]).toEqual(['succeeded', 15])
  expect(tasks.map(({ key }) => key).toSorted()).toEqual(['t#1', 't#2', 't#3', 't#4', 't#5'])
  expect(run.progress).toMatchObject({ percent: 100, done: TASKS })
  const { items } = await bench.engine.getLogs(runId)
  const lines = items.map(({ message }) => message)
  expect(new Set(lines).size).toBe(lines.length)
}
