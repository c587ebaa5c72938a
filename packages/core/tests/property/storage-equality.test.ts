import { memoryStorage } from '@perfect/core'
import type { Change, LogQuery, RunQuery, Storage } from '@perfect/core'
import { sqliteStorage } from '@perfect/core/sqlite'
import { aHeldRun, aLogLine, aRun, aTask, ManualClock } from '@perfect/core/testing'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const clock = new ManualClock()
const memory = memoryStorage({ clock })
const sqlite = sqliteStorage(':memory:', { clock })

beforeAll(() => Promise.all([memory.open(), sqlite.open()]))
afterAll(() => Promise.all([memory.close(), sqlite.close()]))

// Few of each, so that changes meet: the same run, the same task, the same engine.
const runId = fc.constantFrom('run_1', 'run_2', 'run_3')
const flowId = fc.constantFrom('flow_1', 'flow_2')
const engineId = fc.constantFrom('eng_1', 'eng_2')
const epoch = fc.constantFrom(0, 1, 1, 2)
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
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { freq: 2 })
const fence = { runId, epoch, engineId }
const line = fc.record({ at, level, task: maybe(text), message: text, fields: maybe(fc.constant('{}')) }).map(aLogLine)

const run = fc.oneof(
  fc.record({ id: runId, flowId, createdAt: at, idempotencyKey: maybe(text) }).map(aRun),
  fc.record({ id: runId, flowId, createdAt: at, status: openStatus, engineId, wakeAt: maybe(at) }).map(aHeldRun),
)
const task = fc
  .record({
    key: fc.constantFrom('a', 'b', '__proto__'),
    status: fc.constantFrom('running', 'succeeded', 'failed'),
    value: maybe(text),
    weight: fc.constantFrom(1, 0.1),
  })
  .map(aTask)

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ type: fc.constant('run.create'), run, input: maybe(text) }),
  fc.record({ type: fc.constant('run.claim'), runId, expectedEpoch: epoch, engineId, workerId: maybe(text) }),
  fc.record({ type: fc.constant('run.adopt'), runId, epoch, engineId }),
  fc.record({
    type: fc.constant('run.update'),
    ...fence,
    patch: fc.record(
      {
        status: openStatus,
        reason: maybe(fc.constantFrom('sleep', 'signal')),
        wakeAt: maybe(at),
        engineId: fc.constant(null),
        workerId: fc.constant(null),
        progress,
        epochsWithoutProgress: fc.constant(0),
        workerEventSeq: seq,
      },
      { requiredKeys: [] },
    ),
  }),
  fc.record({
    type: fc.constant('run.finish'),
    ...fence,
    status: finalStatus,
    finishedAt: at,
    progress,
    result: maybe(text),
    error: maybe(text.map((message) => ({ name: 'Error', message, code: null }))),
    dropTaskValues: fc.boolean(),
  }),
  fc.record({ type: fc.constant('run.cancel'), runId, at, reason: maybe(text) }),
  fc
    .record({ type: fc.constant('task.put'), ...fence, task, progress, workerEventSeq: seq })
    .map((put) => ({ ...put, task: { ...put.task, runId: put.runId } })),
  fc.record({
    type: fc.constant('log.append'),
    runId,
    fence: fc.constant(null),
    lines: fc.array(line, { maxLength: 3 }),
    workerLogSeq: seq,
  }),
  fc.record({ ...fence, lines: fc.array(line, { maxLength: 2 }) }).map(({ lines, ...held }) => ({
    type: 'log.append' as const,
    runId: held.runId,
    fence: held,
    lines,
  })),
  engineId.map((id) => ({
    type: 'engine.put' as const,
    engine: { id, host: 'box', pid: 1, startedAt: 1 },
    leaseMs: 10,
  })),
  fc.record({ type: fc.constant('engine.remove'), engineId }),
)

const step = fc.record({ passMs: fc.constantFrom(0, 0, 5, 10), changes: fc.array(change, { maxLength: 8 }) })
const runQuery: fc.Arbitrary<RunQuery> = fc.record(
  {
    flowIds: fc.array(flowId, { maxLength: 2 }),
    statuses: fc.array(fc.oneof(openStatus, finalStatus), { maxLength: 3 }),
    before: runId,
    limit: fc.integer({ min: 1, max: 4 }),
  },
  { requiredKeys: ['limit'] },
)
const logQuery: fc.Arbitrary<LogQuery> = fc.record(
  { runId, after: seq, before: seq, minLevel: level, task: text, text, limit: fc.integer({ min: 1, max: 4 }) },
  { requiredKeys: ['runId', 'limit'] },
)

interface Observed {
  readonly runs: RunQuery
  readonly logs: LogQuery
  readonly ids: readonly string[]
}

let round = 0

/** The same values with ids of their own, so that one pair of storages serves all rounds. */
function inThisRound<T>(values: T): T {
  return JSON.parse(JSON.stringify(values).replaceAll(/"(run|eng|flow)_/g, `"$1_${String(round)}_`)) as T
}

function observe(storage: Storage, { runs, logs, ids }: Observed): Promise<unknown> {
  return Promise.all([
    storage.runs.list(runs),
    storage.runs.claimable({ flows: (runs.flowIds ?? []).map((id) => ({ id })), limit: runs.limit }),
    storage.runs.nextWakeAt(),
    storage.stats.counts(),
    storage.logs.list(logs),
    storage.engines.list(),
    ...ids.map((id) =>
      Promise.all([
        storage.runs.get(id),
        storage.runs.input(id),
        storage.runs.result(id),
        storage.tasks.list(id),
        storage.logs.count(id),
      ]),
    ),
  ])
}

describe('memoryStorage() and sqliteStorage()', () => {
  test('give the same receipts and the same reads for any changes', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 12 }),
        runQuery,
        logQuery,
        async (steps, runs, logs) => {
          round++
          clock.jumpTo(0)
          const observed = inThisRound({ runs, logs, ids: ['run_1', 'run_2', 'run_3'] })
          for (const { passMs, changes } of inThisRound(steps)) {
            await clock.advance(passMs)
            expect(await sqlite.commit(changes)).toEqual(await memory.commit(changes))
            expect(await observe(sqlite, observed)).toEqual(await observe(memory, observed))
          }
        },
      ),
      { numRuns: 300 },
    )
  })
})
