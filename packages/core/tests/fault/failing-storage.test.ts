import { flow, map, memoryStorage, sleep, step, type Storage } from '@perfect/core'
import { describe, expect, it } from 'vitest'

import { PerfectError } from '../../src/errors/perfect-error.ts'
import { faultyStorage, type FaultPlan } from '../../src/testing/faulty-storage.ts'
import { interceptStorage } from '../../src/testing/intercept-storage.ts'
import type { ManualClock } from '../../src/testing/manual-clock.ts'
import { testEngine } from '../../src/testing/test-engine/test-engine.ts'

const sample = flow('sample', async () => {
  const first = await step('first', { retry: { attempts: 2, backoff: 1 } }, ({ attempt }) => {
    if (attempt === 1) throw new Error('not yet')
    return 1
  })
  await sleep('1m')
  const more = await map('more', [1, 2], (n) => step('add', () => n + first))
  return more.reduce((total, n) => total + n, 0)
})

const quiet = { onError: () => undefined }
const unavailable = (why: string): PerfectError => new PerfectError('STORAGE_UNAVAILABLE', why, { details: {} })

/** How a run of the sample ends with a fault: its result, or the code of the error that its caller gets. */
async function outcome(plan: FaultPlan): Promise<unknown> {
  const storage = (clock: ManualClock): Storage => faultyStorage(memoryStorage({ clock }), plan)
  try {
    await using kit = await testEngine({ flows: [sample], storage, engine: quiet })
    const { status, result } = await kit.run(sample)
    return status === 'succeeded' ? result : status
  } catch (error) {
    return PerfectError.is(error) ? error.code : String(error)
  }
}

describe('F-03 a call of the storage that fails', () => {
  it.each([
    ['before', 1],
    ['before', 4],
    ['after', 1],
    ['after', 4],
  ] as const)('%s it is made, %i times in a row, only delays a run or is told to its caller', async (moment, times) => {
    const ends: unknown[] = []
    for (let at = 1; at <= 40; at++) ends.push(await outcome({ calls: 'all', at, kind: 'fail', moment, times }))
    expect(ends.filter((ended) => ended !== 5 && ended !== 'STORAGE_UNAVAILABLE')).toEqual([])
    // Only what somebody waits for fails: the start of the engine and the trigger.
    expect(ends.slice(15).filter((ended) => ended !== 5)).toEqual([])
  })
})

describe('F-05 a disk that is full', () => {
  it('refuses triggers, keeps runs waiting with what they have, and lets them go on when there is space', async () => {
    let isFull = false
    const done: string[] = []
    const long = flow('long', async () => {
      for (const name of ['a', 'b', 'c']) await step(name, () => done.push(name))
      return done.join('')
    })
    const storage = (clock: ManualClock): Storage =>
      interceptStorage(memoryStorage({ clock }), (call, proceed) =>
        isFull && call.changes !== null ? Promise.reject(unavailable('database or disk is full')) : proceed(),
      )
    await using kit = await testEngine({ flows: [long], storage, engine: quiet })
    const { id } = await kit.engine.triggerFlow(long)
    isFull = true
    await kit.advance('10m')
    expect(done).toEqual(['a'])
    const refused = kit.engine.triggerFlow(long).catch((error: unknown) => error)
    await kit.advance('10s')
    expect(await refused).toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
    expect((await kit.engine.health()).status).toBe('failing')
    isFull = false
    expect((await kit.finish(id)).result).toBe('abc')
    expect(done).toEqual(['a', 'b', 'c'])
    expect((await kit.engine.health()).status).toBe('ok')
    expect((await kit.engine.getRuns()).items).toHaveLength(1)
  })
})

describe('F-14 a claim that is delivered twice, late and in another order', () => {
  it('gives a run to one engine at a time, and each to somebody', async () => {
    const starts = new Map<string, number>()
    const one = flow('one', (id: string) => step('work', () => void starts.set(id, (starts.get(id) ?? 0) + 1)))
    let old: readonly unknown[] = []
    const storage = (clock: ManualClock): Storage =>
      interceptStorage(memoryStorage({ clock }), async (call, proceed) => {
        const answer = await proceed()
        if (call.name !== 'runs.claimable' || !Array.isArray(answer)) return answer
        const found: readonly unknown[] = answer
        const again = [...old, ...found, ...found.toReversed()]
        old = found
        return again as never
      })
    await using kit = await testEngine({ flows: [one], storage, engine: { ...quiet, concurrency: 2 } })
    const ids = Array.from({ length: 20 }, (_, index) => String(index))
    for (const id of ids) await kit.engine.triggerFlow(one, { input: id })
    await kit.advance('1m')
    expect(Object.fromEntries(starts)).toEqual(Object.fromEntries(ids.map((id) => [id, 1])))
  })
})

describe('F-29 a storage that was restored from a backup while an engine lives', () => {
  it('takes no write of the engine about runs that were held otherwise then, and runs them again', async () => {
    const starts: number[] = []
    const two = flow('two', async () => {
      await step('first', () => starts.push(1))
      await sleep('1h')
      return step('second', () => starts.push(2))
    })
    const state: { now?: Storage } = {}
    const through = (clock: ManualClock): Storage =>
      interceptStorage((state.now = memoryStorage({ clock })), (call, proceed) => {
        const { now } = state
        return call.changes !== null && now ? (now.commit(call.changes) as never) : proceed()
      })
    await using kit = await testEngine({ flows: [two], storage: through, engine: quiet, verifyReplays: false })
    const { id } = await kit.engine.triggerFlow(two)
    const stored = await kit.storage.runs.get(id)
    const backup = memoryStorage({ clock: kit.clock })
    await backup.open()
    if (stored)
      await backup.commit([
        { type: 'run.create', run: { ...stored, epoch: 7, engineId: 'eng_yesterday' }, input: null },
      ])
    state.now = backup
    await kit.advance('2h')
    // The engine still reads the old one; what it writes is refused by the new one.
    expect((await backup.runs.get(id))?.epoch).toBe(7)
    expect(await backup.tasks.list(id)).toEqual([])
    expect(starts).toEqual([1])
  })
})
