import assert from 'node:assert/strict'

import { aHeldRun, aRun, aTask, cancel, claim, create, finish, park, put, send, wait } from '../records.ts'
import { group, type StorageCase } from './storage-case.ts'

const other = { runId: 'run_2' }
const LATER = 1_900_000_000_000
const aChild = (fields: Parameters<typeof aRun>[0] = {}) =>
  aHeldRun({ id: 'run_2', parentRunId: 'run_1', parentKey: 'child#1', ...fields })
const parked = park({ reason: 'child', wakeAt: null })
const due = { flows: [{ id: 'etl' }], limit: 10 }

const signalCases = group('signal.send to a parked run', [
  {
    title: 'wakes the run that takes it at once, though its time has not come',
    needs: 'clock',
    run: async (storage, { clock }) => {
      const wakeAt = clock.now() + 60_000
      await storage.commit([create(aHeldRun()), wait(), park({ wakeAt })])
      assert.equal(await storage.runs.nextWakeAt(), wakeAt)
      const [receipt] = await storage.commit([send()])
      const run = await storage.runs.get('run_1')
      assert.deepEqual([run?.status, run?.wakeAt], ['waiting', clock.now()])
      assert.deepEqual(receipt?.accepted === true && receipt.run, run)
      assert.deepEqual(await storage.runs.claimable({ flows: [{ id: 'etl' }], limit: 1 }), [run])
    },
  },
  {
    title: 'wakes a run that waits for no time, and keeps a time that has come already',
    needs: 'clock',
    run: async (storage, { clock }) => {
      await storage.commit([create(aHeldRun()), wait(), park({ wakeAt: null })])
      await storage.commit([create(aHeldRun({ id: 'run_2' })), wait(other), park({ wakeAt: 5 }, other)])
      await storage.commit([send(), send({ id: 'sig_2', ...other })])
      assert.equal((await storage.runs.get('run_1'))?.wakeAt, clock.now())
      assert.equal((await storage.runs.get('run_2'))?.wakeAt, 5)
    },
  },
  {
    title: 'wakes nobody when no wait takes it, and changes nothing of a held run',
    run: async (storage) => {
      await storage.commit([create(aHeldRun()), wait({ name: 'go' }), park()])
      await storage.commit([create(aHeldRun({ id: 'run_2' })), wait(other)])
      await storage.commit([send(), send({ id: 'sig_2', ...other })])
      assert.equal((await storage.runs.get('run_1'))?.wakeAt, null)
      assert.deepEqual(await storage.runs.get('run_2'), aHeldRun({ id: 'run_2' }))
    },
  },
  {
    title: 'is not lost when it comes between the last look of the run and its parking',
    needs: 'clock',
    run: async (storage, { clock }) => {
      for (const status of ['waiting', 'retrying'] as const) {
        const runId = `run_${status}`
        await storage.commit([create(aHeldRun({ id: runId })), wait({ runId }), send({ id: runId, runId })])
        await storage.commit([park({ status, wakeAt: clock.now() + 60_000 }, { runId })])
        assert.equal((await storage.runs.get(runId))?.wakeAt, clock.now())
      }
    },
  },
  {
    title: 'wakes a run no more once its task has its record',
    run: async (storage) => {
      await storage.commit([create(aHeldRun()), wait(), send(), put(aTask({ key: 'wait#1', kind: 'signal' }))])
      await storage.commit([park({ reason: 'sleep', wakeAt: 1_900_000_000_000 })])
      assert.equal((await storage.runs.get('run_1'))?.wakeAt, 1_900_000_000_000)
    },
  },
])

const childCases = group('end of a child', [
  ...(
    [
      ['finishes', aChild(), finish(other)],
      ['fails', aChild(), finish({ ...other, status: 'failed' })],
      ['is cancelled while nobody holds it', aChild({ engineId: null, status: 'queued' }), cancel(other)],
      ['is ended by force', aChild(), cancel({ ...other, force: true })],
    ] as const
  ).map(([how, child, change]) => ({
    title: `wakes the parent that waits, when the child ${how}`,
    needs: 'clock' as const,
    run: async (storage: Parameters<StorageCase['run']>[0], { clock }: Parameters<StorageCase['run']>[1]) => {
      await storage.commit([create(aHeldRun()), create(child), parked])
      assert.equal(await storage.runs.nextWakeAt(), null)
      await storage.commit([change])
      assert.equal((await storage.runs.get('run_1'))?.wakeAt, clock.now())
      assert.equal((await storage.runs.get('run_1'))?.status, 'waiting')
      assert.deepEqual(
        (await storage.runs.claimable(due)).map(({ id }) => id),
        ['run_1'],
      )
    },
  })),
  {
    title: 'changes nothing of a parent that somebody holds, has ended or is missing',
    run: async (storage) => {
      await storage.commit([create(aHeldRun()), create(aChild()), finish(other)])
      assert.deepEqual(await storage.runs.get('run_1'), aHeldRun())
      await storage.commit([create(aChild({ id: 'run_3' })), finish()])
      const ended = await storage.runs.get('run_1')
      const orphan = aChild({ id: 'run_4', parentRunId: 'run_0' })
      const receipts = await storage.commit([finish({ runId: 'run_3' }), create(orphan), finish({ runId: 'run_4' })])
      assert.ok(receipts.every(({ accepted }) => accepted))
      assert.deepEqual(await storage.runs.get('run_1'), ended)
    },
  },
  {
    title: 'wakes no parent when the end is refused or only asked for',
    run: async (storage) => {
      await storage.commit([create(aHeldRun()), create(aChild()), parked])
      await storage.commit([finish({ ...other, epoch: 2 }), cancel(other)])
      assert.equal((await storage.runs.get('run_1'))?.wakeAt, null)
    },
  },
  {
    title: 'is not lost when it comes between the last look of the parent and its parking',
    needs: 'clock',
    run: async (storage, { clock }) => {
      const call = aTask({
        key: 'child#1',
        kind: 'child',
        status: 'waiting',
        finishedAt: null,
        position: null,
        value: null,
      })
      await storage.commit([create(aHeldRun()), create(aChild()), put(call), finish(other)])
      await storage.commit([park({ reason: 'child', wakeAt: LATER })])
      assert.equal((await storage.runs.get('run_1'))?.wakeAt, clock.now())
    },
  },
  {
    title: 'wakes no parent while another attempt goes on in the place of the child',
    needs: 'clock',
    run: async (storage, { clock }) => {
      const next = aChild({ id: 'run_3', engineId: null, status: 'queued', epoch: 0, attempt: 2 })
      const failed = finish({ ...other, status: 'failed', next })
      await storage.commit([create(aHeldRun()), create(aChild()), parked, failed])
      assert.equal((await storage.runs.get('run_1'))?.wakeAt, null)
      await storage.commit([
        claim({ expectedEpoch: 1, engineId: 'eng_1' }),
        park({ reason: 'child', wakeAt: null }, { epoch: 2 }),
      ])
      assert.equal((await storage.runs.get('run_1'))?.wakeAt, null)
      await storage.commit([cancel({ runId: 'run_3' })])
      assert.equal((await storage.runs.get('run_1'))?.wakeAt, clock.now())
    },
  },
  {
    title: 'wakes a parent no more once its call has its record',
    run: async (storage) => {
      await storage.commit([create(aHeldRun()), create(aChild()), finish(other)])
      await storage.commit([put(aTask({ key: 'child#1', kind: 'child' })), park({ reason: 'sleep', wakeAt: LATER })])
      assert.equal((await storage.runs.get('run_1'))?.wakeAt, LATER)
    },
  },
  {
    title: 'is looked for only among children that have ended, and only when the run waits and is given back',
    run: async (storage) => {
      await storage.commit([
        create(aHeldRun()),
        create(aChild()),
        create(aChild({ id: 'run_3', parentRunId: 'run_4' })),
      ])
      await storage.commit([finish({ runId: 'run_3' }), park({ reason: 'child', wakeAt: LATER })])
      assert.equal((await storage.runs.get('run_1'))?.wakeAt, LATER)
      await storage.commit([create(aHeldRun({ id: 'run_4', wakeAt: LATER }))])
      await storage.commit([park({ status: 'queued' }, { runId: 'run_4' })])
      assert.equal((await storage.runs.get('run_4'))?.wakeAt, LATER)
    },
  },
  {
    title: 'in one commit with everything before it, wakes the parent',
    needs: 'clock',
    run: async (storage, { clock }) => {
      await storage.commit([create(aHeldRun()), create(aChild()), parked, finish(other)])
      assert.equal((await storage.runs.get('run_1'))?.wakeAt, clock.now())
    },
  },
  {
    title: 'is shown by the filter for the children of a run',
    run: async (storage) => {
      const children = [aChild(), aChild({ id: 'run_3' }), aChild({ id: 'run_4', parentRunId: 'run_9' })]
      await storage.commit([create(aRun()), ...children.map((child) => create(child))])
      assert.deepEqual(await storage.runs.list({ parentRunId: 'run_1', limit: 9 }), [children[1], children[0]])
    },
  },
])

const cancelCases = group('a run that is given back after it was asked to end', [
  {
    title: 'is queued, whatever it was to wait for',
    run: async (storage) => {
      for (const [index, patch] of [
        { reason: 'signal', wakeAt: null } as const,
        { reason: 'sleep', wakeAt: LATER } as const,
        { reason: 'paused' } as const,
        { status: 'retrying', reason: null, wakeAt: LATER } as const,
      ].entries()) {
        const runId = `run_${String(index)}`
        await storage.commit([create(aHeldRun({ id: runId })), { type: 'run.pause', runId, at: 5 }, cancel({ runId })])
        assert.deepEqual(await storage.commit([park(patch, { runId })]), [{ accepted: true }])
        const { status, reason, wakeAt, pausedAt } = (await storage.runs.get(runId)) ?? aRun()
        assert.deepEqual([status, reason, wakeAt, pausedAt], ['queued', null, null, null])
      }
    },
  },
  {
    title: 'is held as before when its code does not fit',
    run: async (storage) => {
      await storage.commit([create(aHeldRun()), cancel(), park({ reason: 'version', wakeAt: null })])
      const { status, reason } = (await storage.runs.get('run_1')) ?? aRun()
      assert.deepEqual([status, reason], ['waiting', 'version'])
    },
  },
])

/** Rules of parked runs for which a signal or the end of a child comes. */
export const wakeCases: readonly StorageCase[] = [...signalCases, ...childCases, ...cancelCases]
