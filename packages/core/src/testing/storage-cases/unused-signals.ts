import assert from 'node:assert/strict'

import { aHeldRun, aSignal, aTask, cancel, create, finish, park, put, send, wait } from '../records.ts'
import { group, type StorageCase } from './storage-case.ts'

const ACCEPTED = { accepted: true }
const MATCHED = { runId: null, match: 'order-7' }
const ofFirst = { match: 'order-7' }
const ofSecond = { runId: 'run_2', task: 'wait#2', match: 'order-7' }
const taken = aSignal({ ...MATCHED, takenBy: { runId: 'run_2', key: 'wait#2' } })

const rejectCases = group('signal.await with a signal that cannot be used', [
  {
    title: 'forgets it, and takes the next one',
    run: async (storage) => {
      await storage.commit([create(aHeldRun()), wait(), send(), send({ id: 'sig_2' })])
      const next = { accepted: true, signal: aSignal({ id: 'sig_2', takenBy: { runId: 'run_1', key: 'wait#1' } }) }
      assert.deepEqual(await storage.commit([wait({ reject: 'sig_1' })]), [next])
      assert.deepEqual(
        (await storage.signals.list('run_1')).map(({ id }) => id),
        ['sig_2'],
      )
      assert.deepEqual(await storage.commit([wait({ reject: 'sig_1' })]), [next])
    },
  },
  {
    title: 'waits on when there is no other',
    run: async (storage) => {
      await storage.commit([create(aHeldRun()), wait(), send(), wait({ reject: 'sig_1' }), send({ id: 'sig_2' })])
      const [signal, ...others] = await storage.signals.list('run_1')
      assert.deepEqual([signal?.id, signal?.takenBy?.key, others], ['sig_2', 'wait#1', []])
    },
  },
  {
    title: 'forgets no signal that another task has taken, or nobody',
    run: async (storage) => {
      await storage.commit([create(aHeldRun()), wait({ task: 'a' }), send(), send({ id: 'sig_2', name: 'go' })])
      assert.deepEqual(await storage.commit([wait({ reject: 'sig_1' }), wait({ task: 'b', reject: 'sig_2' })]), [
        ACCEPTED,
        ACCEPTED,
      ])
      assert.equal((await storage.signals.list('run_1')).length, 2)
    },
  },
])

const passCases = group('end of a run that has taken a signal', [
  ...(
    [
      ['finishes', [finish({ freeSlots: true })]],
      ['is ended by force', [cancel({ force: true })]],
      ['is cancelled while nobody holds it', [park(), cancel()]],
    ] as const
  ).map(([how, changes]) => ({
    title: `gives one that it has not used to the oldest other wait, when it ${how}`,
    needs: 'clock' as const,
    run: async (storage: Parameters<StorageCase['run']>[0], { clock }: Parameters<StorageCase['run']>[1]) => {
      await storage.commit([create(aHeldRun()), create(aHeldRun({ id: 'run_2' }))])
      await storage.commit([wait(ofFirst), wait(ofSecond), park({ wakeAt: null }, { runId: 'run_2' }), send(MATCHED)])
      assert.deepEqual(await storage.signals.list('run_2'), [])
      await storage.commit(changes)
      assert.deepEqual(await storage.signals.list('run_1'), [])
      assert.deepEqual(await storage.signals.list('run_2'), [taken])
      assert.equal((await storage.runs.get('run_2'))?.wakeAt, clock.now())
    },
  })),
  {
    title: 'keeps one that it has not used until somebody waits for it',
    run: async (storage) => {
      await storage.commit([create(aHeldRun()), wait(ofFirst), send(MATCHED), finish({ freeSlots: true })])
      await storage.commit([create(aHeldRun({ id: 'run_2' }))])
      assert.deepEqual(await storage.commit([wait(ofSecond)]), [{ accepted: true, signal: taken }])
    },
  },
  {
    title: 'gives nobody what it has used, nor what was sent to it alone',
    run: async (storage) => {
      await storage.commit([create(aHeldRun()), create(aHeldRun({ id: 'run_2' }))])
      await storage.commit([wait(ofFirst), wait({ task: 'wait#3' }), send(MATCHED), send({ id: 'sig_2' })])
      await storage.commit([put(aTask({ key: 'wait#1', kind: 'signal' })), finish({ freeSlots: true })])
      assert.deepEqual(await storage.commit([wait(ofSecond), wait({ ...ofSecond, task: 'b', match: null })]), [
        ACCEPTED,
        ACCEPTED,
      ])
      assert.equal((await storage.signals.list('run_1')).length, 2)
    },
  },
  {
    title: 'is not waited for: a held run that is asked to end takes no further signal',
    run: async (storage) => {
      await storage.commit([create(aHeldRun()), wait(ofFirst), cancel()])
      assert.deepEqual(await storage.commit([send(MATCHED)]), [ACCEPTED])
    },
  },
])

/** Rules of signals that were taken, and that the flow cannot use or never comes to use. */
export const unusedSignalCases: readonly StorageCase[] = [...rejectCases, ...passCases]
