import assert from 'node:assert/strict'

import type { AlertRecord, NewAlert } from '../../storage/alert-records.ts'
import type { Storage } from '../../storage/storage.ts'
import { aHeldRun, create, finish } from '../records.ts'
import { group, type StorageCase } from './storage-case.ts'

const AT = 1_800_000_000_000
const ACCEPTED = { accepted: true }
const refused = (refusal: string) => ({ accepted: false, refusal })

function anAlert(fields: Partial<NewAlert> = {}): NewAlert {
  return {
    id: 'alr_1',
    rule: 'ops',
    kind: 'failed',
    flowId: 'etl',
    runId: 'run_1',
    scheduleId: null,
    facts: '{"a":"ü \\u0000"}',
    failingSince: null,
    failedRuns: null,
    createdAt: AT,
    state: 'pending',
    attempts: 0,
    maxAttempts: 10,
    nextAt: AT,
    settledAt: null,
    problem: null,
    ...fields,
  }
}

const put = (...alerts: Partial<NewAlert>[]) => ({ type: 'alert.put', alerts: alerts.map(anAlert) }) as const
const claim = (attempt: number, alertId = 'alr_1') => ({ type: 'alert.claim', alertId, attempt, forMs: 1000 }) as const
const settle = (attempt: number, outcome: Partial<AlertRecord> = {}) => {
  const { state, nextAt, settledAt, problem } = anAlert({ state: 'delivered', nextAt: null, settledAt: AT, ...outcome })
  return { type: 'alert.settle', alertId: 'alr_1', attempt, outcome: { state, nextAt, settledAt, problem } } as const
}
const due = async (storage: Storage, limit = 10) =>
  (await storage.alerts.due({ rules: ['ops'], limit })).map(({ id }) => id)

const deliveryCases = group('alerts', [
  {
    title: 'stores an alert once, and gives it with every field',
    needs: 'clock',
    run: async (storage) => {
      assert.deepEqual(await storage.commit([put({})]), [ACCEPTED])
      await storage.commit([put({ rule: 'other', facts: '2' })])
      assert.deepEqual(await storage.alerts.get('alr_1'), anAlert())
      assert.equal(await storage.alerts.get('alr_2'), undefined)
      assert.deepEqual(await storage.alerts.list({ limit: 5 }), [anAlert()])
    },
  },
  {
    title: 'leaves out an alert that comes too soon after the like, whoever brings it',
    run: async (storage) => {
      const everyMs = 10
      await storage.commit([
        put({ id: 'a' }, { id: 'b', createdAt: AT + 9, everyMs }, { id: 'c', createdAt: AT - 9, everyMs }),
        put({ id: 'd', createdAt: AT + 9, everyMs, flowId: 'x' }, { id: 'e', createdAt: AT + 9, everyMs, rule: 'x' }),
        put({ id: 'f', createdAt: AT + 9, everyMs, kind: 'slow' }, { id: 'g', createdAt: AT + 9 }),
        put({ id: 'h', createdAt: AT + 19, everyMs }),
      ])
      const stored = await storage.alerts.list({ limit: 9 })
      assert.deepEqual(stored.map(({ id }) => id).toSorted(), ['a', 'd', 'e', 'f', 'g', 'h'])
      assert.deepEqual(await storage.alerts.get('h'), anAlert({ id: 'h', createdAt: AT + 19 }))
    },
  },
  {
    title: 'gives what is due of the rules that are asked for, the one that has waited longest first',
    needs: 'clock',
    run: async (storage, { clock }) => {
      clock.jumpTo(AT)
      await storage.commit([
        put(
          { id: 'b', nextAt: AT - 1 },
          { id: 'c' },
          { id: 'a' },
          { id: 'd', nextAt: AT + 1 },
          { id: 'e', rule: 'x', nextAt: AT - 9 },
          { id: 'f', state: 'delivered', nextAt: null },
        ),
      ])
      assert.deepEqual(await due(storage), ['b', 'a', 'c'])
      assert.deepEqual(await due(storage, 2), ['b', 'a'])
      assert.equal(await storage.alerts.nextAt(['ops']), AT - 1)
      assert.equal(await storage.alerts.nextAt(['ops', 'x']), AT - 9)
      assert.equal(await storage.alerts.nextAt(['none']), null)
    },
  },
  {
    title: 'lets one of two begin an attempt, and another one only when its time is over',
    needs: 'clock',
    run: async (storage, { clock }) => {
      clock.jumpTo(AT)
      await storage.commit([put({})])
      assert.deepEqual(await storage.commit([claim(1), claim(1), claim(2), claim(1, 'x')]), [
        ACCEPTED,
        refused('stale'),
        refused('stale'),
        refused('missing'),
      ])
      assert.deepEqual(await storage.alerts.get('alr_1'), anAlert({ attempts: 1, nextAt: AT + 1000 }))
      assert.deepEqual(await due(storage), [])
      clock.jumpTo(AT + 1000)
      assert.deepEqual(await due(storage), ['alr_1'])
      assert.deepEqual(await storage.commit([claim(2), settle(1)]), [ACCEPTED, refused('stale')])
    },
  },
  {
    title: 'ends an attempt once, and knows what became of it',
    needs: 'clock',
    run: async (storage, { clock }) => {
      clock.jumpTo(AT)
      await storage.commit([put({})])
      const later = settle(1, { state: 'pending', nextAt: AT + 5, settledAt: null, problem: 'HTTP 503' })
      assert.deepEqual(await storage.commit([claim(1), later]), [ACCEPTED, ACCEPTED])
      assert.deepEqual(await storage.alerts.get('alr_1'), anAlert({ attempts: 1, nextAt: AT + 5, problem: 'HTTP 503' }))
      clock.jumpTo(AT + 5)
      assert.deepEqual(await storage.commit([claim(2), settle(2), settle(2), claim(3)]), [
        ACCEPTED,
        ACCEPTED,
        refused('finished'),
        refused('finished'),
      ])
      const delivered = anAlert({ attempts: 2, state: 'delivered', nextAt: null, settledAt: AT })
      assert.deepEqual(await storage.alerts.get('alr_1'), delivered)
    },
  },
  {
    title: 'tries an alert again that was given up, with further attempts',
    needs: 'clock',
    run: async (storage, { clock }) => {
      clock.jumpTo(AT)
      await storage.commit([put({}), claim(1), settle(1, { state: 'given-up', problem: 'HTTP 410' })])
      const again = { type: 'alert.retry', alertId: 'alr_1', at: AT + 7, attempts: 3 } as const
      assert.deepEqual(await storage.commit([again, { ...again, alertId: 'x' }]), [ACCEPTED, refused('missing')])
      const pending = anAlert({ attempts: 1, maxAttempts: 4, nextAt: AT + 7, problem: 'HTTP 410' })
      assert.deepEqual(await storage.alerts.get('alr_1'), pending)
    },
  },
  {
    title: 'lists pages, the newest first, of some states or of one flow',
    run: async (storage) => {
      const state = 'delivered'
      await storage.commit([
        put(
          { id: 'a' },
          { id: 'b', state },
          { id: 'c', createdAt: AT + 1, flowId: 'x' },
          { id: 'd', createdAt: AT - 1 },
        ),
      ])
      const list = async (query: object) => (await storage.alerts.list({ limit: 9, ...query })).map(({ id }) => id)
      assert.deepEqual(await list({}), ['c', 'b', 'a', 'd'])
      assert.deepEqual(await list({ limit: 2 }), ['c', 'b'])
      assert.deepEqual(await list({ after: { createdAt: AT, id: 'b' } }), ['a', 'd'])
      assert.deepEqual(await list({ states: ['pending'] }), ['c', 'a', 'd'])
      assert.deepEqual(await list({ flowId: 'etl', states: ['delivered', 'given-up'] }), ['b'])
    },
  },
  {
    title: 'forgets alerts that are old, whatever became of them',
    run: async (storage) => {
      await storage.commit([put({ id: 'a', createdAt: AT - 1 }, { id: 'b' })])
      await storage.commit([{ type: 'sweep', signalsBefore: 0, estimatesBefore: 0, alertsBefore: AT }])
      assert.deepEqual(
        (await storage.alerts.list({ limit: 9 })).map(({ id }) => id),
        ['b'],
      )
    },
  },
])

const endCases = group('run.finish with alerts', [
  {
    title: 'stores alerts with the end, and none when it is refused',
    run: async (storage) => {
      const alerts = [anAlert()]
      await storage.commit([create(aHeldRun()), finish({ status: 'failed', epoch: 9, alerts })])
      assert.deepEqual(await storage.alerts.list({ limit: 9 }), [])
      await storage.commit([finish({ status: 'failed', alerts })])
      assert.deepEqual(await storage.alerts.list({ limit: 9 }), alerts)
    },
  },
  {
    title: 'tells of a recovery once, after runs that failed, with their number and since when',
    run: async (storage) => {
      const end = (id: string, status: 'failed' | 'succeeded' | 'cancelled', at: number, flowId = 'etl') => {
        const recovered = anAlert({ id: `alr_${id}`, kind: 'recovered', runId: id, flowId })
        const alerts = status === 'succeeded' ? [recovered] : []
        return [create(aHeldRun({ id, flowId })), finish({ runId: id, status, finishedAt: AT + at, alerts })]
      }
      await storage.commit([
        ...end('run_1', 'succeeded', 1),
        ...end('run_2', 'failed', 2),
        ...end('run_3', 'failed', 3),
        ...end('run_4', 'cancelled', 4),
        ...end('run_5', 'succeeded', 5, 'other'),
        ...end('run_6', 'succeeded', 6),
        ...end('run_7', 'succeeded', 7),
      ])
      assert.deepEqual(await storage.alerts.list({ limit: 9 }), [
        anAlert({ id: 'alr_run_6', kind: 'recovered', runId: 'run_6', failingSince: AT + 2, failedRuns: 2 }),
      ])
    },
  },
])

/** Rules of alerts. */
export const alertCases: readonly StorageCase[] = [...deliveryCases, ...endCases]
