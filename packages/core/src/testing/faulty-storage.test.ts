import { describe, expect, test } from 'vitest'

import { memoryStorage } from '../storage/memory/index.ts'
import type { Storage } from '../storage/storage.ts'
import { faultyStorage, type FaultPlan, type FaultyStorage } from './faulty-storage.ts'
import { aRun, create } from './records.ts'

async function faulty(plan: FaultPlan | null): Promise<{ readonly storage: FaultyStorage; readonly sound: Storage }> {
  const sound = memoryStorage()
  await sound.open()
  return { storage: faultyStorage(sound, plan), sound }
}

const run = (id: string) => [create(aRun({ id }))]

describe('faultyStorage()', () => {
  test('counts commits and passes them on when it has no plan', async () => {
    const { storage, sound } = await faulty(null)
    await storage.commit(run('run_1'))
    await storage.runs.get('run_1')
    expect(storage.callCount).toBe(1)
    expect(await sound.runs.get('run_1')).toEqual(aRun())
  })

  test('fails the planned calls before they do anything, and no others', async () => {
    const { storage, sound } = await faulty({ at: 2, times: 2, kind: 'fail', moment: 'before' })
    await storage.commit(run('run_1'))
    await expect(storage.commit(run('run_2'))).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
    await expect(storage.commit(run('run_2'))).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
    expect(await sound.runs.get('run_2')).toBeUndefined()
    await storage.commit(run('run_2'))
    expect(await sound.runs.get('run_2')).toBeDefined()
  })

  test('loses only the answer of a call that fails after it was done', async () => {
    const { storage, sound } = await faulty({ at: 1, kind: 'fail', moment: 'after' })
    await expect(storage.commit(run('run_1'))).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
    expect(await sound.runs.get('run_1')).toBeDefined()
  })

  test.for(['before', 'after'] as const)('answers nothing from a crash %s a call on', async (moment) => {
    const { storage, sound } = await faulty({ at: 1, kind: 'crash', moment })
    const answers: unknown[] = []
    void storage.commit(run('run_1')).then((receipts) => answers.push(receipts))
    await storage.crashed
    void storage.commit(run('run_2')).then((receipts) => answers.push(receipts))
    void storage.runs.get('run_1').then((found) => answers.push(found))
    await new Promise((resolve) => setImmediate(resolve))
    expect(answers).toEqual([])
    expect((await sound.runs.get('run_1')) !== undefined).toBe(moment === 'after')
    expect(await sound.runs.get('run_2')).toBeUndefined()
  })

  test('counts reads too when the plan says so', async () => {
    const { storage } = await faulty({ calls: 'all', at: 2, kind: 'fail', moment: 'before' })
    await storage.commit(run('run_1'))
    await expect(storage.runs.get('run_1')).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
  })
})
