import assert from 'node:assert/strict'

import type { Receipt } from '../../storage/changes.ts'
import type { SignalRecord } from '../../storage/records.ts'
import { aFence, aHeldRun, aRun, aSignal, cancel, claim, create, finish, park, send, wait } from '../records.ts'
import { group, type StorageCase } from './storage-case.ts'

const ACCEPTED = { accepted: true }
const refusedAs = (refusal: string) => ({ accepted: false, refusal })
const takenBy = (key: string, runId = 'run_1') => ({ takenBy: { runId, key } })
const close = (task = 'wait#1', fields: object = {}) =>
  ({ type: 'signal.close', ...aFence(), task, ...fields }) as const
const taken = (receipt: Receipt | undefined): SignalRecord | undefined =>
  receipt?.accepted === true ? receipt.signal : undefined
const other = { runId: 'run_2' }
const MATCHED = { runId: null, match: 'order-7' }

const sendCases = group('signal.send', [
  {
    title: 'keeps a signal that nobody waits for, as it was sent',
    run: async (storage) => {
      await storage.commit([create(aRun())])
      const signal = aSignal({ by: 'ann', value: '{"a":  1}', match: 'm' })
      assert.deepEqual(await storage.commit([{ type: 'signal.send', signal }]), [ACCEPTED])
      assert.deepEqual(await storage.signals.list('run_1'), [signal])
      assert.deepEqual(await storage.signals.list('run_2'), [])
    },
  },
  {
    title: 'gives a signal to the wait of its run and name, and tells which run took it',
    run: async (storage) => {
      await storage.commit([create(aHeldRun()), wait()])
      const signal = aSignal(takenBy('wait#1'))
      assert.deepEqual(await storage.commit([send()]), [{ accepted: true, signal, run: aHeldRun() }])
      assert.deepEqual(await storage.signals.list('run_1'), [signal])
    },
  },
  {
    title: 'gives a signal to no wait of another run or another name',
    run: async (storage) => {
      await storage.commit([create(aHeldRun()), create(aHeldRun({ id: 'run_2' })), wait(other), wait({ name: 'go' })])
      assert.deepEqual(await storage.commit([send()]), [ACCEPTED])
    },
  },
  {
    title: 'gives a signal without a run to the oldest wait of its name and match',
    run: async (storage) => {
      await storage.commit([create(aHeldRun()), create(aHeldRun({ id: 'run_2' }))])
      await storage.commit([
        wait({ match: 'order-8' }),
        wait({ ...other, match: 'order-7' }),
        wait({ task: 'wait#2', match: 'order-7' }),
      ])
      const receipts = await storage.commit([
        send({ id: 'a', ...MATCHED }),
        send({ id: 'b', ...MATCHED }),
        send({ id: 'c', ...MATCHED }),
        send({ id: 'd', ...MATCHED, name: 'go' }),
      ])
      assert.deepEqual(
        receipts.map((receipt) => taken(receipt)?.takenBy),
        [{ runId: 'run_2', key: 'wait#1' }, { runId: 'run_1', key: 'wait#2' }, undefined, undefined],
      )
      assert.deepEqual(
        (await storage.signals.list('run_2')).map(({ id }) => id),
        ['a'],
      )
    },
  },
  {
    title: 'gives two signals to two waits of one run, the oldest wait first, and each wait one signal',
    run: async (storage) => {
      await storage.commit([create(aHeldRun()), wait({ task: 'z' }), wait({ task: 'a' }), wait({ task: 'z' })])
      const receipts = await storage.commit([send({ id: 'x' }), send({ id: 'y' }), send({ id: 'w' })])
      assert.deepEqual(
        receipts.map((receipt) => taken(receipt)?.takenBy?.key),
        ['z', 'a', undefined],
      )
    },
  },
  {
    title: 'gives a signal for a run to a wait that has something to match too',
    run: async (storage) => {
      await storage.commit([create(aHeldRun()), wait({ match: 'order-7' })])
      const receipts = await storage.commit([send({ id: 'a' }), send({ id: 'b', ...MATCHED })])
      assert.deepEqual(
        receipts.map((receipt) => taken(receipt)?.takenBy?.key),
        ['wait#1', undefined],
      )
    },
  },
  {
    title: 'gives a signal for a run to no wait of another run, whatever they match',
    run: async (storage) => {
      await storage.commit([
        create(aHeldRun()),
        create(aHeldRun({ id: 'run_2' })),
        wait({ ...other, match: 'order-7' }),
      ])
      assert.deepEqual(await storage.commit([send({ match: 'order-7' })]), [ACCEPTED])
    },
  },
  {
    title: 'changes nothing when the same id is sent again, taken or not',
    run: async (storage) => {
      await storage.commit([create(aHeldRun()), send(), wait({ task: 'b' }), send({ id: 'sig_2' })])
      const before = await storage.signals.list('run_1')
      await storage.commit([wait({ task: 'c' }), wait({ task: 'd' })])
      const again = await storage.commit([send({ value: '2' }), send({ id: 'sig_2', name: 'go' })])
      assert.deepEqual(again, [refusedAs('duplicate'), refusedAs('duplicate')])
      assert.deepEqual((await storage.signals.list('run_1'))[0], before[0])
      assert.equal((await storage.signals.list('run_1')).length, 2)
    },
  },
  {
    title: 'refuses a signal for a run that is missing or has ended, and keeps nothing',
    run: async (storage) => {
      assert.deepEqual(await storage.commit([send()]), [refusedAs('missing')])
      await storage.commit([create(aHeldRun()), finish()])
      assert.deepEqual(await storage.commit([send()]), [refusedAs('finished')])
      assert.deepEqual(await storage.signals.list('run_1'), [])
    },
  },
  {
    title: 'lists the signals of a run in the order they were sent, those it took from no run too',
    run: async (storage) => {
      await storage.commit([create(aHeldRun()), create(aHeldRun({ id: 'run_2' }))])
      await storage.commit([
        send({ id: 'z', ...MATCHED }),
        send({ id: 'm' }),
        send({ id: 'b', ...other }),
        send({ id: 'a', sentAt: 1 }),
        wait({ name: 'ready', match: 'order-7', task: 't' }),
      ])
      assert.deepEqual(
        (await storage.signals.list('run_1')).map(({ id }) => id),
        ['z', 'm', 'a'],
      )
    },
  },
])

const takerCases = group('signals.taker', [
  {
    title: 'gives the oldest wait that would take a signal, of its run or by what matches',
    run: async (storage) => {
      const taker = (runId: string | null, match: string | null = null, name = 'ready') =>
        storage.signals.taker({ runId, name, match })
      assert.equal(await taker('run_1'), undefined)
      await storage.commit([create(aHeldRun()), create(aHeldRun({ id: 'run_2' }))])
      await storage.commit([wait({ match: 'm' }), wait({ task: 'wait#2' }), wait({ ...other, match: 'm' })])
      const first = { runId: 'run_1', key: 'wait#1' }
      assert.deepEqual(await taker('run_1'), first)
      assert.deepEqual(await taker(null, 'm'), first)
      for (const nobody of [taker(null), taker(null, 'x'), taker('run_1', null, 'x')])
        assert.equal(await nobody, undefined)
      await storage.commit([send()])
      assert.deepEqual(await taker('run_1'), { runId: 'run_1', key: 'wait#2' })
      assert.deepEqual(await taker(null, 'm'), { runId: 'run_2', key: 'wait#1' })
    },
  },
])

const waitCases = group('signal.await', [
  {
    title: 'takes the oldest signal that came before, and each signal once',
    run: async (storage) => {
      await storage.commit([create(aHeldRun()), send({ id: 'b' }), send({ id: 'a' })])
      const receipts = await storage.commit([wait({ task: 'x' }), wait({ task: 'y' }), wait({ task: 'z' })])
      assert.deepEqual(receipts, [
        { accepted: true, signal: aSignal({ id: 'b', ...takenBy('x') }) },
        { accepted: true, signal: aSignal({ id: 'a', ...takenBy('y') }) },
        ACCEPTED,
      ])
    },
  },
  {
    title: 'takes a matched one that is older than one for the run, and the other way round',
    run: async (storage) => {
      await storage.commit([create(aHeldRun())])
      await storage.commit([send({ id: 'a', ...MATCHED }), send({ id: 'b' }), send({ id: 'c', ...MATCHED })])
      const one = (task: string) => wait({ task, match: 'order-7' })
      const receipts = await storage.commit([one('x'), one('y'), one('z')])
      assert.deepEqual(
        receipts.map((receipt) => taken(receipt)?.id),
        ['a', 'b', 'c'],
      )
    },
  },
  {
    title: 'takes no signal of another name, another match or another run',
    run: async (storage) => {
      await storage.commit([create(aHeldRun()), create(aHeldRun({ id: 'run_2' }))])
      await storage.commit([send({ id: 'a', name: 'go' }), send({ id: 'b', ...MATCHED }), send({ id: 'c', ...other })])
      assert.deepEqual(await storage.commit([wait(), wait({ task: 'b', match: 'order-8' })]), [ACCEPTED, ACCEPTED])
    },
  },
  {
    title: 'gives the signal that was taken when it is asked again, after a takeover too',
    run: async (storage) => {
      const signal = aSignal(takenBy('wait#1'))
      await storage.commit([create(aHeldRun()), wait(), send(), send({ id: 'sig_2' })])
      assert.deepEqual(await storage.commit([wait()]), [{ accepted: true, signal }])
      await storage.commit([claim({ expectedEpoch: 1 })])
      assert.deepEqual(await storage.commit([wait({ epoch: 2, engineId: 'eng_2' })]), [{ accepted: true, signal }])
    },
  },
  {
    title: 'keeps its place in line when it is asked again, after a takeover too',
    run: async (storage) => {
      await storage.commit([create(aHeldRun()), create(aHeldRun({ id: 'run_2' }))])
      await storage.commit([wait({ match: 'order-7' }), wait({ ...other, match: 'order-7' })])
      await storage.commit([claim({ expectedEpoch: 1 }), wait({ epoch: 2, engineId: 'eng_2', match: 'order-7' })])
      const [receipt] = await storage.commit([send(MATCHED)])
      assert.equal(taken(receipt)?.takenBy?.runId, 'run_1')
    },
  },
  {
    title: 'refuses another epoch, another engine, a missing and an ended run, and takes nothing then',
    run: async (storage) => {
      assert.deepEqual(await storage.commit([wait()]), [refusedAs('missing')])
      await storage.commit([create(aHeldRun()), send()])
      assert.deepEqual(await storage.commit([wait({ epoch: 2 }), wait({ engineId: 'eng_2' })]), [
        refusedAs('stale'),
        refusedAs('stale'),
      ])
      assert.deepEqual(await storage.signals.list('run_1'), [aSignal()])
      await storage.commit([finish()])
      assert.deepEqual(await storage.commit([wait()]), [refusedAs('finished')])
    },
  },
])

const closeCases = group('signal.close', [
  {
    title: 'ends a wait, so that a later signal finds nobody, and can be sent twice',
    run: async (storage) => {
      await storage.commit([create(aHeldRun()), wait({ match: 'order-7' })])
      assert.deepEqual(await storage.commit([close(), close()]), [ACCEPTED, ACCEPTED])
      assert.deepEqual(await storage.commit([send(), send({ id: 'sig_2', ...MATCHED })]), [ACCEPTED, ACCEPTED])
    },
  },
  {
    title: 'is refused when the wait has its signal',
    run: async (storage) => {
      await storage.commit([create(aHeldRun()), wait(), send()])
      assert.deepEqual(await storage.commit([close(), wait()]), [
        refusedAs('recorded'),
        { accepted: true, signal: aSignal(takenBy('wait#1')) },
      ])
    },
  },
  {
    title: 'ends no wait of another task, and none behind a stale fence',
    run: async (storage) => {
      await storage.commit([create(aHeldRun()), wait()])
      assert.deepEqual(await storage.commit([close('wait#2'), close('wait#1', { epoch: 2 })]), [
        ACCEPTED,
        refusedAs('stale'),
      ])
      assert.notEqual(taken((await storage.commit([send()]))[0]), undefined)
    },
  },
  ...(
    [
      ['finishes', [finish({ freeSlots: true })]],
      ['is ended by force', [cancel({ force: true })]],
      ['is cancelled while nobody holds it', [park(), cancel()]],
    ] as const
  ).map(([how, changes]) => ({
    title: `is done for all waits of a run that ${how}`,
    run: async (storage: Parameters<StorageCase['run']>[0]) => {
      await storage.commit([create(aHeldRun()), wait({ match: 'order-7' }), wait({ task: 'b', match: 'order-7' })])
      await storage.commit(changes)
      assert.deepEqual(await storage.commit([send(MATCHED)]), [ACCEPTED])
    },
  })),
])

/** Rules of signals and of the waits that take them. */
export const signalCases: readonly StorageCase[] = [...sendCases, ...takerCases, ...waitCases, ...closeCases]
