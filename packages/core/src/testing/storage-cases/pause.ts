import assert from 'node:assert/strict'

import { aHeldRun, aRun, cancel, claim, create, finish, park, send, update, wait } from '../records.ts'
import { group, type StorageCase } from './storage-case.ts'

const refusedAs = (refusal: string) => ({ accepted: false, refusal })
const pause = (at = 50, runId = 'run_1') => ({ type: 'run.pause', runId, at }) as const
const resume = (runId = 'run_1') => ({ type: 'run.resume', runId }) as const
const LATER = 1_900_000_000_000
const due = { flows: [{ id: 'etl' }], limit: 10 }
const PAUSED = { status: 'waiting', reason: 'paused', engineId: null, workerId: null } as const

const requestCases = group('run.pause', [
  {
    title: 'holds a run that nobody holds, so that it is not given and not claimed',
    run: async (storage) => {
      await storage.commit([create(aRun())])
      const run = aRun({ status: 'waiting', reason: 'paused', pausedAt: 50 })
      assert.deepEqual(await storage.commit([pause()]), [{ accepted: true, run }])
      assert.deepEqual(await storage.runs.get('run_1'), run)
      assert.deepEqual(await storage.runs.claimable(due), [])
      assert.deepEqual(await storage.commit([claim()]), [refusedAs('stale')])
    },
  },
  {
    title: 'keeps the time for which the run waits, and lets it pass',
    run: async (storage) => {
      await storage.commit([create(aRun({ status: 'scheduled', wakeAt: 5 })), pause()])
      assert.equal((await storage.runs.get('run_1'))?.wakeAt, 5)
      assert.equal(await storage.runs.nextWakeAt(), null)
      assert.deepEqual(await storage.runs.claimable(due), [])
    },
  },
  {
    title: 'asks the holder of a held run, and leaves everything else to it',
    run: async (storage) => {
      await storage.commit([create(aHeldRun())])
      const run = aHeldRun({ pausedAt: 50 })
      assert.deepEqual(await storage.commit([pause()]), [{ accepted: true, run }])
      assert.deepEqual(await storage.commit([update({ progress: 0.5 }), update(PAUSED)]), [
        { accepted: true },
        { accepted: true },
      ])
      assert.deepEqual(await storage.runs.claimable(due), [])
    },
  },
  {
    title: 'keeps a held run from being taken over until it is resumed',
    run: async (storage) => {
      await storage.commit([create(aHeldRun()), pause()])
      assert.deepEqual(await storage.runs.claimable(due), [])
      const [refused, , claimed] = await storage.commit([
        claim({ expectedEpoch: 1 }),
        resume(),
        claim({ expectedEpoch: 1 }),
      ])
      assert.deepEqual(refused, refusedAs('stale'))
      assert.equal(claimed?.accepted, true)
    },
  },
  {
    title: 'keeps the first of two requests',
    run: async (storage) => {
      await storage.commit([create(aRun()), create(aHeldRun({ id: 'run_2' }))])
      await storage.commit([pause(), pause(60), pause(50, 'run_2'), pause(60, 'run_2')])
      assert.equal((await storage.runs.get('run_1'))?.pausedAt, 50)
      assert.equal((await storage.runs.get('run_2'))?.pausedAt, 50)
    },
  },
  {
    title: 'is no obstacle to a cancel or a finish',
    run: async (storage) => {
      await storage.commit([create(aRun()), create(aHeldRun({ id: 'run_2' })), pause(), pause(50, 'run_2')])
      await storage.commit([cancel(), finish({ runId: 'run_2' })])
      assert.equal((await storage.runs.get('run_1'))?.status, 'cancelled')
      assert.equal((await storage.runs.get('run_2'))?.status, 'succeeded')
    },
  },
  {
    title: 'refuses a run that is missing or has ended, as does run.resume',
    run: async (storage) => {
      assert.deepEqual(await storage.commit([pause(), resume()]), [refusedAs('missing'), refusedAs('missing')])
      await storage.commit([create(aHeldRun()), finish()])
      const ended = await storage.runs.get('run_1')
      assert.deepEqual(await storage.commit([pause(), resume()]), [refusedAs('finished'), refusedAs('finished')])
      assert.deepEqual(await storage.runs.get('run_1'), ended)
    },
  },
])

const resumeCases = group('run.resume', [
  {
    title: 'queues a run that waited for no time',
    run: async (storage) => {
      await storage.commit([create(aRun()), pause()])
      const run = aRun({ reason: 'slot' })
      assert.deepEqual(await storage.commit([resume()]), [{ accepted: true, run }])
      assert.deepEqual(await storage.runs.claimable(due), [run])
    },
  },
  {
    title: 'lets a run wait for its time again, scheduled before its first claim, else waiting',
    run: async (storage) => {
      await storage.commit([
        create(aRun({ status: 'scheduled', wakeAt: LATER })),
        create(aRun({ id: 'run_2', status: 'retrying', epoch: 1, wakeAt: LATER })),
        pause(),
        pause(50, 'run_2'),
        resume(),
        resume('run_2'),
      ])
      const [first, second] = [await storage.runs.get('run_1'), await storage.runs.get('run_2')]
      assert.deepEqual([first?.status, first?.reason, first?.wakeAt], ['scheduled', null, LATER])
      assert.deepEqual([second?.status, second?.reason, second?.wakeAt], ['waiting', null, LATER])
      assert.equal(await storage.runs.nextWakeAt(), LATER)
    },
  },
  {
    title: 'lets a run that was parked for a signal look again',
    run: async (storage) => {
      await storage.commit([create(aHeldRun()), wait(), park(), pause()])
      assert.equal((await storage.runs.get('run_1'))?.reason, 'paused')
      await storage.commit([resume()])
      assert.equal((await storage.runs.get('run_1'))?.status, 'queued')
    },
  },
  {
    title: 'lets a run go on at once whose signal came during the pause',
    needs: 'clock',
    run: async (storage, { clock }) => {
      await storage.commit([create(aHeldRun()), wait(), park({ wakeAt: LATER }), pause(), send()])
      assert.deepEqual(await storage.runs.claimable(due), [])
      await storage.commit([resume()])
      const run = await storage.runs.get('run_1')
      assert.deepEqual([run?.status, run?.wakeAt], ['waiting', clock.now()])
      assert.deepEqual(await storage.runs.claimable(due), [run])
    },
  },
  {
    title: 'lets a run go on at once whose signal came before it was given back as paused',
    needs: 'clock',
    run: async (storage, { clock }) => {
      await storage.commit([
        create(aHeldRun()),
        wait(),
        pause(),
        send(),
        update({ ...PAUSED, wakeAt: LATER }),
        resume(),
      ])
      assert.equal((await storage.runs.get('run_1'))?.wakeAt, clock.now())
    },
  },
  {
    title: 'only ends the request while somebody holds the run, which is queued when it is given back as paused',
    run: async (storage) => {
      await storage.commit([create(aHeldRun()), pause()])
      assert.deepEqual(await storage.commit([resume()]), [{ accepted: true, run: aHeldRun() }])
      await storage.commit([update(PAUSED)])
      const run = await storage.runs.get('run_1')
      assert.deepEqual([run?.status, run?.reason, run?.engineId], ['queued', 'slot', null])
      assert.deepEqual(await storage.runs.claimable(due), [run])
    },
  },
  {
    title: 'changes nothing of a run that is not paused',
    run: async (storage) => {
      const runs = [aRun(), aRun({ id: 'run_2', status: 'waiting', reason: 'signal' })]
      await storage.commit(runs.map((run) => create(run)))
      assert.deepEqual(
        await storage.commit([resume(), resume('run_2')]),
        runs.map((run) => ({ accepted: true, run })),
      )
    },
  },
])

const versionCases = group('run that is held for its version', [
  {
    title: 'is not woken by what has come, and goes on when it is resumed',
    run: async (storage) => {
      await storage.commit([create(aHeldRun()), wait(), send(), park({ reason: 'version', wakeAt: null })])
      const run = await storage.runs.get('run_1')
      assert.deepEqual([run?.status, run?.reason, run?.wakeAt], ['waiting', 'version', null])
      assert.deepEqual(await storage.runs.claimable(due), [])
      await storage.commit([resume()])
      const resumed = await storage.runs.get('run_1')
      assert.deepEqual([resumed?.status, resumed?.reason], ['queued', 'slot'])
      assert.deepEqual(await storage.runs.claimable(due), [resumed])
    },
  },
])

const requestedCases = group('runs.requested', [
  {
    title: 'gives the runs of an engine that are to end or to pause, by id, and no others',
    run: async (storage) => {
      await storage.commit([
        ...['run_4', 'run_1', 'run_2'].map((id) => create(aHeldRun({ id }))),
        create(aHeldRun({ id: 'run_3', engineId: 'eng_2' })),
        create(aRun({ id: 'run_5' })),
      ])
      assert.deepEqual(await storage.runs.requested('eng_1'), [])
      await storage.commit([cancel({ runId: 'run_4' }), pause(50, 'run_2'), pause(50, 'run_3'), pause(50, 'run_5')])
      const ids = async (engineId: string) => (await storage.runs.requested(engineId)).map(({ id }) => id)
      assert.deepEqual([await ids('eng_1'), await ids('eng_2')], [['run_2', 'run_4'], ['run_3']])
      await storage.commit([resume('run_2'), finish({ runId: 'run_4', status: 'cancelled' })])
      assert.deepEqual(await ids('eng_1'), [])
    },
  },
])

/** Rules of pauses. */
export const pauseCases: readonly StorageCase[] = [...requestCases, ...resumeCases, ...versionCases, ...requestedCases]
