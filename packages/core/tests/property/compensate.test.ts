import { flow, map, memoryStorage, sleep, step, task, type Flow, type Storage, type TaskRecord } from '@perfect/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { recover, runUntilFault } from '../fault/crashing-engine.ts'

interface Plan {
  /** Tasks of each stage: they run side by side. */
  readonly stages: readonly number[]
  /** Whether the run is cancelled in the middle of its last sleep, or fails by itself. */
  readonly isCancelled: boolean
  /** A short sleep is sat out, a long one parks the run. */
  readonly nap: '4s' | '30d'
  /** The commit at which the process dies, as a share of all. */
  readonly crash: number
  readonly moment: 'before' | 'after'
}

const plans: fc.Arbitrary<Plan> = fc.record({
  stages: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 4 }),
  isCancelled: fc.boolean(),
  nap: fc.constantFrom('4s' as const, '30d' as const),
  crash: fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100),
  moment: fc.constantFrom('before' as const, 'after' as const),
})

/** Stages of tasks, and then the end. It tells of everything that was undone. */
function saga({ stages, isCancelled, nap }: Plan, undone: string[]): Flow<void, unknown> {
  const work = task('work', { compensate: (name) => void undone.push(name) }, (name: string) => name)
  return flow('saga', async () => {
    for (const [stage, count] of stages.entries()) {
      const items = Array.from({ length: count }, (_, index) => `${String(stage)}.${String(index)}`)
      await map(`stage ${String(stage)}`, items, (item) => work(item))
    }
    if (isCancelled) await sleep(nap)
    else await step('end', () => Promise.reject(new Error('the end')))
  })
}

/** Cancels a run once it has done all its stages. */
function canceller({ isCancelled }: Plan, kept: Storage) {
  let isAsked = false
  const look = async (run: { readonly id: string; cancel(): Promise<unknown> }): Promise<void> => {
    const tasks = await kept.tasks.list(run.id)
    isAsked = tasks.some(({ kind }) => kind === 'sleep')
    if (isAsked) await run.cancel()
  }
  return (run: { readonly id: string; cancel(): Promise<unknown> }): void => {
    if (!isCancelled || isAsked) return
    isAsked = true
    // It may have ended meanwhile, or its engine has died.
    look(run).catch(() => undefined)
  }
}

const position = ({ position: place }: TaskRecord): number => place ?? 0

describe('the compensations of a run that ends early', () => {
  it('run once for each task that succeeded, in exactly the reverse order, wherever the process dies', async () => {
    await fc.assert(
      fc.asyncProperty(plans, async (plan) => {
        const counted = memoryStorage()
        const commits = await runUntilFault(counted, saga(plan, []), null, canceller(plan, counted))
        const kept = memoryStorage()
        const undone: string[] = []
        const at = 1 + Math.floor(plan.crash * (commits - 1))
        const fault = { at, kind: 'crash', moment: plan.moment } as const
        await runUntilFault(kept, saga(plan, undone), fault, canceller(plan, kept))
        const [stored] = await kept.runs.list({ limit: 1 })
        if (stored === undefined) return
        const recordedBefore = (await kept.tasks.list(stored.id)).filter(({ key }) => key.endsWith('/undo'))
        const beganBefore = undone.length
        const detail = await recover(kept, saga(plan, undone), plan.isCancelled)

        const tasks = await kept.tasks.list(stored.id)
        const done = tasks.filter(({ kind, name }) => kind === 'task' && name === 'work')
        const undos = tasks.filter(({ key }) => key.endsWith('/undo'))
        expect(detail?.run.status).toBe(plan.isCancelled ? 'cancelled' : 'failed')
        expect(undos.toSorted((a, b) => position(a) - position(b)).map(({ key }) => key)).toEqual(
          done.toSorted((a, b) => position(b) - position(a)).map(({ key }) => `${key}/undo`),
        )
        expect(undos.map(({ status }) => status)).toEqual(done.map(() => 'succeeded'))
        // Nothing that was recorded as undone is undone again: at most the one that was on its way runs twice.
        expect(undone.length).toBeLessThanOrEqual(done.length + 1)
        expect(undone.length - beganBefore).toBe(done.length - recordedBefore.length)
      }),
      { numRuns: 100 },
    )
  }, 60_000)
})
