import assert from 'node:assert/strict'

import { aFence, aHeldRun, aRun, aTask, claim, create, finish, lease, park, put, take } from '../records.ts'
import { group, type StorageCase } from './storage-case.ts'

const ACCEPTED = { accepted: true }
const limited = (retryAt: number | null) => ({ accepted: false, refusal: 'limited', retryAt })
const ALIVE = lease('eng_1', 60_000)
const RATE = [{ key: 'api', max: 2, perMs: 1000 }]
const free = (task: string) => ({ type: 'slots.free', ...aFence(), task }) as const

/** Rules of limits of so many starts in any stretch of time. */
export const rateCases: readonly StorageCase[] = group('rates', [
  {
    title: 'lets a start count until its time has passed, to the millisecond',
    needs: 'clock',
    run: async (storage, { clock }) => {
      const start = clock.now()
      await storage.commit([ALIVE, create(aHeldRun()), take(RATE, { task: 'a' })])
      await clock.advance(400)
      await storage.commit([take(RATE, { task: 'b' })])
      await clock.advance(599)
      assert.deepEqual(await storage.commit([take(RATE, { task: 'c' })]), [limited(start + 1000)])
      await clock.advance(1)
      assert.deepEqual(await storage.commit([take(RATE, { task: 'c' })]), [ACCEPTED])
      assert.deepEqual(await storage.commit([take(RATE, { task: 'd' })]), [limited(start + 1400)])
      await clock.advance(400)
      assert.deepEqual(await storage.commit([take(RATE, { task: 'd' }), take(RATE, { task: 'e' })]), [
        ACCEPTED,
        limited(start + 2000),
      ])
    },
  },
  {
    title: 'counts a start on when its slot was given back',
    needs: 'clock',
    run: async (storage, { clock }) => {
      const start = clock.now()
      await storage.commit([ALIVE, create(aHeldRun()), take(RATE, { task: 'a' }), take(RATE, { task: 'b' })])
      await storage.commit([free('a'), put(aTask({ key: 'b' }), { freeSlots: true })])
      assert.deepEqual(await storage.commit([take(RATE, { task: 'c' })]), [limited(start + 1000)])
      await storage.commit([finish({ freeSlots: true }), { type: 'run.remove', runId: 'run_1' }])
      await storage.commit([ALIVE, create(aHeldRun({ id: 'run_2' }))])
      assert.deepEqual(await storage.commit([take(RATE, { runId: 'run_2' })]), [limited(start + 1000)])
    },
  },
  {
    title: 'counts a slot that is taken again once, and one that was given back before as a new start',
    needs: 'clock',
    run: async (storage, { clock }) => {
      const start = clock.now()
      await storage.commit([ALIVE, create(aHeldRun()), take(RATE, { task: 'a' })])
      assert.deepEqual(await storage.commit([take(RATE, { task: 'a' }), take(RATE, { task: 'a' })]), [
        ACCEPTED,
        ACCEPTED,
      ])
      await clock.advance(10)
      assert.deepEqual(await storage.commit([free('a'), take(RATE, { task: 'a' }), take(RATE, { task: 'b' })]), [
        ACCEPTED,
        ACCEPTED,
        limited(start + 1000),
      ])
      await clock.advance(2000)
      assert.deepEqual(
        await storage.commit([take(RATE, { task: 'a' }), take(RATE, { task: 'b' }), take(RATE, { task: 'c' })]),
        [ACCEPTED, ACCEPTED, ACCEPTED],
      )
    },
  },
  {
    title: 'counts each claim of a run as a start, and none that is refused',
    needs: 'clock',
    run: async (storage, { clock }) => {
      const start = clock.now()
      const limits = RATE
      await storage.commit([create(aRun()), claim({ limits }), claim({ expectedEpoch: 5, limits })])
      await clock.advance(1)
      const [second] = await storage.commit([claim({ expectedEpoch: 1, limits })])
      assert.equal(second?.accepted, true)
      assert.deepEqual(await storage.commit([claim({ expectedEpoch: 2, limits })]), [limited(start + 1000)])
      assert.equal((await storage.runs.get('run_1'))?.epoch, 2)
      await clock.advance(999)
      const [third, fourth] = await storage.commit([
        claim({ expectedEpoch: 2, limits }),
        claim({ expectedEpoch: 3, limits }),
      ])
      assert.equal(third?.accepted, true)
      assert.deepEqual(fourth, limited(start + 1001))
    },
  },
  {
    title: 'says when to ask again only when time alone will do, and then for all limits',
    needs: 'clock',
    run: async (storage, { clock }) => {
      const start = clock.now()
      const slow = { key: 'slow', max: 1, perMs: 60_000 }
      const fast = { key: 'fast', max: 1, perMs: 1000 }
      const place = { key: 'place', max: 1 }
      await storage.commit([ALIVE, create(aHeldRun()), take([slow, fast, place], { task: 'a' })])
      assert.deepEqual(
        await storage.commit([
          take([fast, slow], { task: 'b' }),
          take([fast, place], { task: 'b' }),
          take([{ key: 'open', max: 1, perMs: 5 }, fast], { task: 'b' }),
        ]),
        [limited(start + 60_000), limited(null), limited(start + 1000)],
      )
      const open = { key: 'open', max: 1, perMs: 5 }
      assert.deepEqual(await storage.commit([take([open], { task: 'c' })]), [ACCEPTED])
    },
  },
  {
    title: 'keeps a rate and a number at a time apart, also under one key',
    needs: 'clock',
    run: async (storage, { clock }) => {
      const start = clock.now()
      const both = [
        { key: 'api', max: 1 },
        { key: 'api', max: 2, perMs: 1000 },
      ]
      await storage.commit([ALIVE, create(aHeldRun()), take(both, { task: 'a' })])
      assert.deepEqual(
        await storage.commit([
          take(both, { task: 'b' }),
          free('a'),
          take(both, { task: 'b' }),
          free('b'),
          take(both, { task: 'c' }),
        ]),
        [limited(null), ACCEPTED, ACCEPTED, ACCEPTED, limited(start + 1000)],
      )
    },
  },
  {
    title: 'waits for as many starts to pass as there are too many, when fewer are allowed now',
    needs: 'clock',
    run: async (storage, { clock }) => {
      const start = clock.now()
      await storage.commit([ALIVE, create(aHeldRun())])
      for (const task of ['a', 'b', 'c']) {
        await storage.commit([take([{ key: 'api', max: 3, perMs: 1000 }], { task })])
        await clock.advance(100)
      }
      assert.deepEqual(await storage.commit([take([{ key: 'api', max: 1, perMs: 1000 }], { task: 'd' })]), [
        limited(start + 1200),
      ])
      assert.deepEqual(await storage.commit([take(RATE, { task: 'd' })]), [limited(start + 1100)])
    },
  },
  {
    title: 'never allows more starts than that in any stretch, whatever the pace',
    needs: 'clock',
    run: async (storage, { clock }) => {
      const starts: number[] = []
      const rate = [{ key: 'api', max: 3, perMs: 100 }]
      await storage.commit([ALIVE, create(aHeldRun())])
      for (let index = 0; index < 60; index++) {
        const [receipt] = await storage.commit([take(rate, { task: `t${String(index)}` })])
        if (receipt?.accepted === true) starts.push(clock.now())
        await clock.advance((index * 7) % 31)
      }
      assert.ok(starts.length > 10)
      for (const [index, at] of starts.entries()) assert.ok((starts[index + 3] ?? Infinity) - at >= 100)
    },
  },
  {
    title: 'lets a run that was parked start anew',
    needs: 'clock',
    run: async (storage, { clock }) => {
      const start = clock.now()
      const limits = [{ key: 'api', max: 1, perMs: 1000 }]
      await storage.commit([create(aRun()), claim({ engineId: 'eng_1', limits }), park({}, { freeSlots: true })])
      assert.deepEqual(await storage.commit([claim({ expectedEpoch: 1, limits })]), [limited(start + 1000)])
      await clock.advance(1000)
      assert.equal((await storage.commit([claim({ expectedEpoch: 1, limits })]))[0]?.accepted, true)
    },
  },
])
