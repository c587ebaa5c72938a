import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { completed, ScriptedWorker, succeeded, WorkerBench } from '../workers/scripted-worker.ts'

const TYPES = [
  'hello',
  'flows.update',
  'heartbeat',
  'run.accept',
  'run.reject',
  'run.release',
  'run.events',
  'log.batch',
  'progress',
  'journal.get',
  'drain',
  'error',
  'x',
]
const FIELDS = [
  'runId',
  'epoch',
  'firstSeq',
  'events',
  'lines',
  'runs',
  'flows',
  'add',
  'workerId',
  'protocol',
  'labels',
  'inFlight',
  'slots',
  'id',
  'key',
  'done',
  'reason',
  '__proto__',
]

const event = fc.record({
  kind: fc.constantFrom('step.started', 'step.retrying', 'step.completed', 'run.completed'),
  key: fc.string(),
  task: fc.string(),
  attempt: fc.integer({ min: 0, max: 2 }),
  status: fc.constantFrom('succeeded', 'failed', 'x'),
})
const value = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constantFrom('run_x', 'graceful', 1), fc.array(event))
const message = fc
  .tuple(fc.constantFrom(...TYPES), fc.dictionary(fc.constantFrom(...FIELDS), value), fc.boolean())
  .map(([type, fields, isOfRun]) => ({ ...fields, type, ...(isOfRun && { runId: 'THE RUN', epoch: 1, firstSeq: 1 }) }))
const messages = fc.array(
  fc.oneof({ weight: 4, arbitrary: message }, { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) }),
  { maxLength: 15 },
)

/** As messages arrive: out of JSON, with the name of a run that the worker holds. */
function arriving(sent: readonly unknown[], runId: string): readonly unknown[] {
  return sent.map((one) => JSON.parse(JSON.stringify(one).replaceAll('THE RUN', runId)) as unknown)
}

describe('an engine', () => {
  test('survives any message, and its other workers notice nothing', async () => {
    await fc.assert(
      fc.asyncProperty(messages, fc.boolean(), async (sent, isGreeted) => {
        const bench = new WorkerBench()
        await bench.start()
        const wild = new ScriptedWorker(bench, 'w1')
        if (isGreeted) await wild.connect({ flows: [{ name: 'Wild' }] })
        else wild.open()
        await bench.engine.registerRemoteFlow({ name: 'Wild' })
        const held = await bench.trigger('wild')
        await wild.say(...arriving(sent, held))
        wild.drop()
        const healthy = await bench.worker('w2')
        const runId = await bench.trigger('etl')
        await healthy.events({ runId, epoch: 1 }, 1, succeeded('load#1', 1), completed(1))
        expect((await bench.engine.getRun(runId)).status).toBe('succeeded')
        // What a worker complains about is told to the host.
        bench.errors.length = 0
        await bench.stop()
      }),
      { numRuns: 200 },
    )
  })
})
