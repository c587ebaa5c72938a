import { describe, expect, it } from 'vitest'

import { PerfectError } from '../errors/perfect-error.ts'
import type { Change } from '../storage/changes.ts'
import { memoryStorage } from '../storage/memory/index.ts'
import type { Storage } from '../storage/storage.ts'
import { faultyStorage } from '../testing/faulty-storage.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import { GroupCommit } from './group-commit.ts'

const flow = (id: string): Change => ({
  type: 'flow.put',
  flow: { id, name: id, version: '1', definition: '{}', registeredAt: 0 },
})
const code = (expected: string) => expect.objectContaining({ code: expected }) as Error

/** A storage that tells the sizes of its commits. */
function counting(storage: Storage): { readonly storage: Storage; readonly sizes: number[] } {
  const sizes: number[] = []
  return {
    sizes,
    storage: {
      ...storage,
      commit: (changes) => {
        sizes.push(changes.length)
        return storage.commit(changes)
      },
    },
  }
}

async function opened(): Promise<Storage> {
  const storage = memoryStorage()
  await storage.open()
  return storage
}

const ids = async (storage: Storage): Promise<string[]> => (await storage.flows.list()).map(({ id }) => id).toSorted()

describe('GroupCommit', () => {
  it('stores what comes in one stretch in one commit, and what comes meanwhile in the next', async () => {
    const { storage, sizes } = counting(await opened())
    const commit = new GroupCommit(storage, new ManualClock())
    const first = [commit.append([flow('a')], 'patient'), commit.append([flow('b'), flow('c')], 'patient')]
    await Promise.resolve()
    const later = [commit.append([flow('d')], 'patient'), commit.append([flow('e')], 'patient')]
    const receipts = await Promise.all([...first, ...later])
    expect(sizes).toEqual([3, 2])
    expect(receipts.map((one) => one.length)).toEqual([1, 2, 1, 1])
  })

  it('keeps a commit to a bounded size', async () => {
    const { storage, sizes } = counting(await opened())
    const commit = new GroupCommit(storage, new ManualClock())
    await Promise.all(Array.from({ length: 5000 }, (_, n) => commit.append([flow(String(n))], 'patient')))
    expect(Math.max(...sizes)).toBe(2000)
  })

  it('lets patient changes wait for a storage that is away, and refuses the others', async () => {
    const kept = await opened()
    const clock = new ManualClock()
    const commit = new GroupCommit(faultyStorage(kept, { at: 1, kind: 'fail', moment: 'before', times: 3 }), clock)
    const patient = commit.append([flow('patient')], 'patient')
    await expect(commit.append([flow('impatient')], 'impatient')).rejects.toThrow(code('STORAGE_UNAVAILABLE'))
    expect(PerfectError.is(commit.lastError, 'STORAGE_UNAVAILABLE')).toBe(true)
    await clock.advance(5000)
    expect(await patient).toMatchObject([{ accepted: true }])
    expect([await ids(kept), commit.lastError]).toEqual([['patient'], null])
  })

  it('asks a storage that is away once per wait, however much waits, and keeps the order', async () => {
    const kept = await opened()
    const clock = new ManualClock()
    const tried: number[] = []
    let isAway = true
    const away: Storage = {
      ...kept,
      commit: (changes) => {
        tried.push(clock.monotonic())
        const error = new PerfectError('STORAGE_UNAVAILABLE', 'away', { details: {} })
        return isAway ? Promise.reject(error) : kept.commit(changes)
      },
    }
    const commit = new GroupCommit(away, clock)
    const appended = Array.from({ length: 100 }, async (_, n) => {
      await commit.append([flow(String(n))], 'patient')
      return n
    })
    await clock.advance(600_000)
    // Two commits share what waits.
    expect(tried.length).toBeLessThan(300)
    isAway = false
    const order: number[] = []
    for (const one of appended) void one.then((n) => order.push(n))
    await clock.advance(5000)
    expect(order).toEqual(Array.from({ length: 100 }, (_, n) => n))
  })

  it('stores the others when one change is bad', async () => {
    const kept = await opened()
    const picky: Storage = {
      ...kept,
      commit: (changes) =>
        changes.some((change) => change.type === 'flow.put' && change.flow.id === 'bad')
          ? Promise.reject(new PerfectError('VALUE_UNSERIALIZABLE', 'bad'))
          : kept.commit(changes),
    }
    const commit = new GroupCommit(picky, new ManualClock())
    const outcomes = await Promise.allSettled(['a', 'bad', 'c'].map((id) => commit.append([flow(id)], 'patient')))
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(await ids(kept)).toEqual(['a', 'c'])
  })

  it('refuses what waits, and what comes, once it is closed', async () => {
    const clock = new ManualClock()
    const away = faultyStorage(await opened(), { at: 1, kind: 'fail', moment: 'before', times: 100 })
    const commit = new GroupCommit(away, clock)
    const waiting = commit.append([flow('a')], 'patient')
    await clock.advance(1000)
    commit.close()
    await expect(waiting).rejects.toThrow(code('ENGINE_STOPPED'))
    await expect(commit.append([flow('b')], 'patient')).rejects.toThrow(code('ENGINE_STOPPED'))
    await commit.settled()
  })

  it('refuses what cannot wait soon, however long the storage has been away', async () => {
    const clock = new ManualClock()
    const away = faultyStorage(await opened(), { kind: 'fail', moment: 'before', at: 1, times: Infinity })
    const commit = new GroupCommit(away, clock)
    void commit.append([flow('a')], 'patient').catch(() => undefined)
    await clock.advance(60_000)
    let refusal: unknown
    commit.append([flow('b')], 'impatient').catch((error: unknown) => (refusal = error))
    await clock.advance(100)
    expect(refusal).toEqual(code('STORAGE_UNAVAILABLE'))
    // Many of them ask no more often.
    const before = away.callCount
    for (let index = 0; index < 50; index++) {
      void commit.append([flow('c')], 'impatient').catch(() => undefined)
      await clock.advance(10)
    }
    expect(away.callCount - before).toBeLessThanOrEqual(6)
    commit.close()
  })
})
