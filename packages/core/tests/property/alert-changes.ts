/* Arbitrary changes of alerts, and what forgets them: see `storage-changes.ts`. */
import type { Change, NewAlert } from '@perfect/core'
import fc from 'fast-check'

const flowId = fc.constantFrom('flow_1', 'flow_2')
const at = fc.integer({ min: 1, max: 5 })
const seq = fc.integer({ min: 0, max: 4 })
const of = <T extends string>(type: T): fc.Arbitrary<T> => fc.constant(type)

const alertId = fc.constantFrom('alr_1', 'alr_2', 'alr_3')
const alert: fc.Arbitrary<NewAlert> = fc
  .record({
    id: alertId,
    kind: fc.constantFrom('failed', 'recovered'),
    flowId,
    createdAt: at,
    maxAttempts: seq,
    everyMs: seq,
  })
  .map((fields) => ({
    ...fields,
    rule: 'ops',
    runId: null,
    scheduleId: null,
    facts: '{}',
    failingSince: null,
    failedRuns: null,
    state: 'pending',
    attempts: 0,
    nextAt: fields.createdAt,
    settledAt: null,
    problem: null,
  }))
const alertOutcome = fc.oneof(
  fc.record({
    state: of('pending'),
    nextAt: at,
    settledAt: fc.constant(null),
    problem: fc.constantFrom(null, 'HTTP 503', '\uD800'),
  }),
  fc.record({ state: of('delivered'), nextAt: fc.constant(null), settledAt: at, problem: fc.constant(null) }),
)

/** Alerts that are stored with the end of a run. */
export const alerts: fc.Arbitrary<readonly NewAlert[]> = fc.array(alert, { maxLength: 2 })

/** Changes of alerts and of what is counted. */
export const alertChange: fc.Arbitrary<Change> = fc.oneof(
  fc.record({
    type: of('sweep'),
    signalsBefore: at,
    estimatesBefore: at,
    alertsBefore: at,
    statsBefore: fc.record({ hour: at, day: at, failure: at }),
  }),
  fc.record({ type: of('alert.put'), alerts: alerts }),
  fc.record({ type: of('alert.claim'), alertId, attempt: seq, forMs: seq }),
  fc.record({ type: of('alert.settle'), alertId, attempt: seq, outcome: alertOutcome }),
  fc.record({ type: of('alert.retry'), alertId, at, attempts: seq }),
)
