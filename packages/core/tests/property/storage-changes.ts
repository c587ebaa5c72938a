/*
 * Arbitrary changes and queries for storages. Few of each name, so that changes meet: the same run, the same task, the same limit. What is
 * told apart by a number, like `run_1`, can be given another number per round.
 */
import type { Change, ClaimableFlow, Limit, LogQuery, RunQuery, RunRecord } from '@perfect/core'
import { aHeldRun, aLogLine, aRun, aTask } from '@perfect/core/testing'
import fc from 'fast-check'

import { alertChange, alerts } from './alert-changes.ts'

/** The ids of all runs. */
export const RUN_IDS = ['run_1', 'run_2', 'run_3', 'run_4'] as const

const runId = fc.constantFrom(...RUN_IDS)
const flowId = fc.constantFrom('flow_1', 'flow_2')
// Mostly what holds a run that was stored as held, so that most changes get past the fence.
const engineId = fc.constantFrom('eng_1', 'eng_1', 'eng_1', 'eng_2')
const epoch = fc.constantFrom(0, 1, 1, 1, 1, 1, 2, 2)
const at = fc.integer({ min: 1, max: 5 })
const progress = fc.constantFrom(0, 0.25, 0.5, 0.75, 1)
const seq = fc.integer({ min: 0, max: 4 })
const text = fc.oneof(
  fc.constantFrom('a', 'Ä', '\uD800', '\u0000', '\u0010'),
  fc.string({ unit: 'grapheme', maxLength: 3 }),
)
const openStatus = fc.constantFrom('scheduled', 'queued', 'running', 'waiting', 'retrying')
const finalStatus = fc.constantFrom('succeeded', 'failed', 'cancelled')
const level = fc.constantFrom('debug', 'info', 'warn', 'error')
const trigger = fc.record({ kind: fc.constantFrom('code', 'api', 'retry'), by: fc.constant(null) })
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { freq: 2 })
const of = <T extends string>(type: T): fc.Arbitrary<T> => fc.constant(type)
const fence = { runId, epoch, engineId }
const line = fc.record({ at, level, task: maybe(text), message: text, fields: maybe(fc.constant('{}')) }).map(aLogLine)
export const LIMITS: readonly Limit[] = [
  { key: 'lim_1', max: 1 },
  { key: 'lim_2', max: 2 },
  { key: 'rate_1', max: 2, perMs: 10 },
]
const limits = fc.subarray([...LIMITS], { maxLength: 2 })
const runLimits = fc.subarray([...LIMITS, { key: 'flow:flow_1', max: 2 }, { key: 'flow:flow_2:key_1', max: 1 }])
const labels = fc.subarray(['#a', '#b', 'n=1', 'n=x'], { maxLength: 2 })
const key = fc.constantFrom('a', 'b', '__proto__')

const facts = {
  id: runId,
  flowId,
  createdAt: at,
  trigger,
  configuration: fc.constantFrom('test', 'live'),
  tags: fc.subarray(['a', 'b']),
  attributes: fc.constantFrom<RunRecord['attributes'][]>({}, { n: 1 }, { n: 'x' }),
  queueAt: at,
  dedupeKey: maybe(fc.constant('k')),
  scheduleId: maybe(fc.constantFrom('sch_1', 'sch_2')),
}
const run = fc.oneof(
  fc
    .record({
      ...facts,
      status: fc.constantFrom('queued', 'scheduled'),
      wakeAt: maybe(at),
      idempotencyKey: maybe(text),
      limitKey: maybe(fc.constantFrom('', 'key_1')),
      gate: maybe(fc.constant('gate_1')),
    })
    .map(aRun),
  // Who holds a run runs it.
  fc.record({ ...facts, engineId }).map(aHeldRun),
  fc.record({ ...facts, engineId, parentRunId: runId, parentKey: key }).map(aHeldRun),
)
const task = fc
  .record({
    key,
    status: fc.constantFrom('running', 'succeeded', 'failed'),
    value: maybe(text),
    weight: fc.constantFrom(1, 0.1),
    position: maybe(at),
    progress,
  })
  .map((fields) => aTask({ ...fields, seq: fields.key.length + fields.key.charCodeAt(0) }))

const create: fc.Arbitrary<Change> = fc.record(
  {
    type: of('run.create'),
    run,
    input: maybe(text),
    collapse: fc.constantFrom({ kind: 'dedupe' }, { kind: 'debounce', maxWaitMs: 3 }),
    copyTasks: fc.record({ runId, throughPosition: maybe(at) }),
  },
  { requiredKeys: ['type', 'run', 'input'] },
)

const held: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ type: of('run.claim'), runId, expectedEpoch: epoch, engineId, workerId: maybe(text), limits: runLimits }),
  fc.record({ type: of('run.adopt'), runId, epoch, engineId }),
  fc.record({
    type: of('run.update'),
    ...fence,
    patch: fc.record(
      { progress, tasksDone: seq, wakeAt: maybe(at), workerEventSeq: seq, fingerprint: text, flowVersion: text },
      { requiredKeys: [] },
    ),
  }),
  fc.record({
    type: of('run.update'),
    ...fence,
    patch: fc.record({
      status: fc.constantFrom('queued', 'waiting', 'retrying'),
      reason: maybe(fc.constantFrom('sleep', 'signal', 'paused', 'version')),
      wakeAt: maybe(at),
      engineId: fc.constant(null),
      workerId: fc.constant(null),
      epochsWithoutProgress: fc.constant(0),
    }),
    freeSlots: fc.constant(true),
  }),
  fc.record({
    type: of('run.finish'),
    ...fence,
    status: finalStatus,
    finishedAt: at,
    progress,
    result: maybe(text),
    error: maybe(text.map((message) => ({ name: 'Error', message, code: null }))),
    dropTaskValues: fc.boolean(),
    freeSlots: fc.boolean(),
  }),
  fc.record({
    type: of('run.finish'),
    ...fence,
    status: finalStatus,
    finishedAt: at,
    progress,
    result: maybe(text),
    error: fc.constant(null),
    estimate: fc.constant({ expectedMs: 3, earlyMs: 2, lateMs: 4 }),
    alerts,
  }),
  fc
    .record(
      {
        type: of('task.put'),
        ...fence,
        task,
        workerEventSeq: seq,
        freeSlots: fc.boolean(),
        cache: fc.record({ key: fc.constant('cache_1'), expiresAt: fc.integer({ min: 0, max: 30 }) }),
      },
      { requiredKeys: ['type', 'runId', 'epoch', 'engineId', 'task'] },
    )
    .map((put) => ({ ...put, task: { ...put.task, runId: put.runId, epoch: put.epoch } })),
  fc.record({ type: of('slots.take'), ...fence, task: key, limits }),
  fc.record({ type: of('slots.free'), ...fence, task: key }),
)

const name = fc.constantFrom('ready', 'go')
const match = maybe(fc.constant('match_1'))
const signalId = fc.constantFrom('sig_1', 'sig_2', 'sig_3')
const free: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ type: of('run.cancel'), runId, at, reason: maybe(text), force: fc.boolean() }),
  fc.record({ type: of('run.pause'), runId, at }),
  fc.record({ type: of('run.resume'), runId }),
  fc.record({ type: of('run.remove'), runId }),
  fc
    .record({
      id: signalId,
      name,
      runId: maybe(runId),
      match,
      value: maybe(text),
      sentAt: at,
    })
    .map((signal) => ({ type: 'signal.send' as const, signal: { ...signal, by: null, takenBy: null } })),
  fc.record({ type: of('signal.await'), ...fence, task: key, name, match }),
  fc.record({ type: of('signal.await'), ...fence, task: key, name, match, reject: signalId }),
  fc.record({ type: of('signal.close'), ...fence, task: key }),
  fc.record({ type: of('sweep'), signalsBefore: at, estimatesBefore: at }),
  alertChange,
)

const records: fc.Arbitrary<Change> = fc.oneof(
  fc.record({
    type: of('log.append'),
    runId,
    fence: fc.constant(null),
    lines: fc.array(line, { maxLength: 3 }),
    workerLogSeq: seq,
  }),
  fc.record({ ...fence, lines: fc.array(line, { maxLength: 2 }) }).map(({ lines, ...proof }) => ({
    type: 'log.append' as const,
    runId: proof.runId,
    fence: proof,
    lines,
  })),
  fc.record({
    type: of('version.put'),
    flowId,
    version: fc.constantFrom('1', '2'),
    fingerprint: fc.constantFrom('x', 'y'),
    at,
  }),
  fc
    .record({
      id: fc.constantFrom('sch_1', 'sch_2'),
      flowId,
      pausedAt: maybe(at),
      skips: seq,
      handledAt: at,
      revision: seq,
    })
    .chain((schedule) =>
      fc.record({
        type: of('schedule.put'),
        schedule: fc.constant({ ...schedule, origin: 'api' as const, definition: '{}', pausedUntil: null }),
        expectedRevision: maybe(seq),
      }),
    ),
  fc.record({ type: of('schedule.remove'), scheduleId: fc.constantFrom('sch_1', 'sch_2') }),
  engineId.map((id) => ({
    type: 'engine.put' as const,
    engine: { id, host: 'box', pid: 1, startedAt: 1 },
    leaseMs: 10,
  })),
  fc.record({ type: of('engine.remove'), engineId }),
  fc
    .record({
      flowId,
      family: fc.constantFrom('1', '2'),
      configuration: fc.constant('release'),
      state: text,
      updatedAt: at,
    })
    .map((model) => ({ type: 'estimate.put' as const, model })),
)

/** Changes, and how much time passes before them. */
export interface Step {
  readonly passMs: number
  readonly changes: readonly Change[]
}

const start: fc.Arbitrary<Step> = fc
  .tuple(...RUN_IDS.slice(0, 3).map((id) => fc.tuple(fc.constant(id), run)))
  .map((runs) => ({
    passMs: 0,
    changes: runs.map(([id, one]) => ({ type: 'run.create', run: { ...one, id }, input: '1' })),
  }))
const anyStep: fc.Arbitrary<Step> = fc.record({
  passMs: fc.constantFrom(0, 0, 1, 5, 10),
  changes: fc.array(
    fc.oneof({ weight: 2, arbitrary: create }, { weight: 6, arbitrary: held }, { weight: 5, arbitrary: free }, records),
    { maxLength: 10 },
  ),
})

/** A few runs, and then any changes. */
export const steps: fc.Arbitrary<readonly Step[]> = fc
  .tuple(start, fc.array(anyStep, { minLength: 1, maxLength: 12 }))
  .map(([first, rest]) => [first, ...rest])

const values = {
  flowIds: fc.subarray(['flow_1', 'flow_2']),
  statuses: fc.array(fc.oneof(openStatus, finalStatus), { maxLength: 3 }),
  configurations: fc.subarray(['test', 'live']),
  triggers: fc.subarray(['code', 'api', 'retry'] as const),
  scheduleIds: fc.subarray(['sch_1', 'sch_2']),
}

/** Any list of runs. */
export const runQuery: fc.Arbitrary<RunQuery> = fc.record(
  {
    ...values,
    not: fc.record({ ...values, labels }, { requiredKeys: [] }),
    labels,
    parentRunId: runId,
    createdFrom: at,
    createdBefore: at,
    before: runId,
    limit: fc.integer({ min: 1, max: 4 }),
  },
  { requiredKeys: ['limit'] },
)

/** Any part of a log. */
export const logQuery: fc.Arbitrary<LogQuery> = fc.record(
  { runId, after: seq, before: seq, minLevel: level, task: text, text, limit: fc.integer({ min: 1, max: 4 }) },
  { requiredKeys: ['runId', 'limit'] },
)

/** What may be claimed of both flows; the limits are those with which runs are claimed. */
export const claimableFlows: fc.Arbitrary<readonly ClaimableFlow[]> = fc.tuple(
  fc.constantFrom({ id: 'flow_1' }, { id: 'flow_1', max: 2 }, { id: 'flow_1', onlyStarted: true }),
  fc.constantFrom({ id: 'flow_2' }, { id: 'flow_2', keyMax: 1 }),
)
