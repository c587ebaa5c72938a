import { flow, map, step, task, type Flow, type RunView } from '@perfect/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { ProgressModel, type OpenMap } from '../../src/journal/progress.ts'
import { testEngine, type TestEngine } from '../../src/testing/test-engine/test-engine.ts'

interface Watched {
  readonly test: TestEngine
  readonly shown: readonly RunView[]
}

/** An engine with one flow, and what it has shown of runs; each is looked at with every event, so that it has an estimate. */
async function watch(make: (pass: (ms: number) => Promise<void>) => Flow<void, unknown>): Promise<Watched> {
  const pass = (ms: number): Promise<void> => new Promise((resolve) => test.clock.setTimer(ms, resolve))
  const test = await testEngine({ flows: [make(pass)], patienceMs: 1, verifyReplays: false })
  const shown: RunView[] = []
  test.engine.on('run.updated', (run) => shown.push(run))
  return { test, shown }
}

/** Runs the flow some times and looks at it each second of the last run. */
async function lookAt({ test, shown }: Watched, flowId: string, seconds = 30): Promise<readonly RunView[]> {
  for (let times = 0; times < 3; times++) {
    await test.engine.triggerFlow(flowId)
    await test.advance('2m')
  }
  const { id } = await test.engine.triggerFlow(flowId)
  const looks: RunView[] = []
  for (let second = 0; second < seconds; second++) {
    looks.push(await test.engine.getRun(id))
    await test.advance('1s')
  }
  return [...looks, ...shown.filter((run) => run.id === id && run.finishedAt !== null)]
}

function expectSound(looks: readonly RunView[]): void {
  let [percent, fraction] = [0, 0]
  for (const { progress, estimate, status } of looks) {
    expect(progress.percent).toBeGreaterThanOrEqual(percent)
    percent = progress.percent
    expect(percent === 100).toBe(status === 'succeeded')
    if (!estimate) continue
    const { remainingMs, early, late, finishAt } = estimate
    const times = [early, finishAt, late].filter((at) => at !== null)
    expect(Number.isFinite(remainingMs ?? 0) && (remainingMs ?? 0) >= 0).toBe(true)
    expect(times).toEqual(times.toSorted())
    expect(estimate.fraction ?? fraction).toBeGreaterThanOrEqual(fraction)
    expect(estimate.fraction ?? 0).toBeLessThan(1)
    fraction = estimate.fraction ?? fraction
  }
}

describe('percent and time left', () => {
  it('fit a run of no tasks', async () => {
    const watched = await watch(() => flow('nothing', () => 1))
    const looks = await lookAt(watched, 'nothing', 2)
    expectSound(looks)
    expect(looks.at(-1)?.progress.percent).toBe(100)
  })

  it('fit one task of weight 1,000,000,000 among small ones', async () => {
    const watched = await watch((pass) =>
      flow('heavy', async () => {
        for (let index = 0; index < 5; index++) await step('small', { weight: 1 }, () => pass(1000))
        await step('huge', { weight: 1e9 }, () => pass(5000))
        await step('last', { weight: 1 }, () => pass(1000))
      }),
    )
    expectSound(await lookAt(watched, 'heavy'))
  })

  it('fit tasks that fail and are tried again', async () => {
    let calls = 0
    const flaky = task(
      'flaky',
      { retry: { attempts: 4, backoff: '2s' } },
      async (pass: (ms: number) => Promise<void>) => {
        await pass(500)
        if (++calls % 3 !== 0) throw new Error('not yet')
      },
    )
    const watched = await watch((pass) =>
      flow('retries', async () => {
        await step('before', () => pass(2000))
        await flaky(pass)
        await step('after', () => pass(2000))
      }),
    )
    expectSound(await lookAt(watched, 'retries'))
  })

  it('fit tasks whose values were kept from another run', async () => {
    const slow = task('slow', { cache: { key: () => 'one', ttl: '1h' } }, async (pass: (ms: number) => Promise<void>) =>
      pass(9000),
    )
    const watched = await watch((pass) =>
      flow('cached', async () => {
        await slow(pass)
        await step('rest', () => pass(4000))
      }),
    )
    const looks = await lookAt(watched, 'cached')
    expectSound(looks)
    // The kept value took no time in the runs before: nine seconds would be wrong.
    expect(looks[0]?.estimate?.remainingMs).toBeLessThan(9000)
  })

  it('fit a fan-out that is larger each time', async () => {
    let size = 2
    const watched = await watch((pass) =>
      flow('fans', async () => {
        size *= 3
        await map('items', Array.from({ length: size }), () => step('item', () => pass(700)), { concurrency: 8 })
      }),
    )
    expectSound(await lookAt(watched, 'fans'))
  })
})

describe('the work of a run', () => {
  it('is shared by 100,000 items that are found on the way, in any order, and never falls', () => {
    const ITEMS = 100_000
    fc.assert(
      fc.property(fc.integer({ min: 1, max: ITEMS - 1 }), (stride) => {
        const model = new ProgressModel([
          { name: 'list', weight: 1, estimatedMs: null, isOpen: false },
          { name: 'items', weight: 3, estimatedMs: null, isOpen: false },
        ])
        model.begin({ key: 'list#1', name: 'list', weight: 1, item: null })
        model.finish('list#1', false)
        const open: OpenMap = { path: 'items#1', name: 'items', count: ITEMS, weight: null }
        model.openMap(open)
        let last = 0
        for (let index = 0, item = 0; index < ITEMS; index++, item = (item + stride) % ITEMS) {
          const path = `items#1[${String(item)}]`
          const key = `${path}/work#${String(index)}`
          model.begin({ key, name: 'work', weight: 1, item: { map: open, path } })
          model.finish(key, false)
          model.finishItem(open, path)
          if (index % 997 !== 0) continue
          const fraction = model.fraction(null)
          expect(fraction).toBeGreaterThanOrEqual(last - 1e-12)
          last = fraction
        }
        expect(model.fraction(null)).toBeLessThanOrEqual(1)
      }),
      { numRuns: 3 },
    )
  })

  it('has the weights of the plan in all, whatever is done in which order', () => {
    const plans = fc.uniqueArray(
      fc.record({ name: fc.stringMatching(/^[a-z]{1,6}$/), weight: fc.double({ min: 0.001, max: 1e9, noNaN: true }) }),
      {
        selector: ({ name }) => name,
        minLength: 1,
        maxLength: 8,
      },
    )
    fc.assert(
      fc.property(plans, fc.infiniteStream(fc.nat()), (plan, chance) => {
        const model = new ProgressModel(plan.map((one) => ({ ...one, estimatedMs: null, isOpen: false })))
        const total = plan.reduce((sum, { weight }) => sum + weight, 0)
        const left = [...plan]
        while (left.length > 0) {
          const [next] = left.splice(Number(chance.next().value) % left.length, 1)
          if (next === undefined) return
          model.begin({ key: `${next.name}#1`, name: next.name, weight: next.weight, item: null })
          model.finish(`${next.name}#1`, false)
          const weights = model.segments(() => 0).map(({ weight }) => weight)
          const sum = weights.reduce((all, weight) => all + weight, 0)
          expect(sum / total).toBeCloseTo(1, 9)
          expect(model.fraction(null)).toBeLessThanOrEqual(1)
        }
      }),
    )
  })
})
