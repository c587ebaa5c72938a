/* Mistakes that the simulation has found, each as small as it can be told. Answers of the storage come late, or only after a retry. */
import { flow, FlowEngine, memoryStorage, step, type RunView, type Storage } from '@perfect/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { PerfectError } from '../../src/errors/perfect-error.ts'
import { interceptStorage, type StorageCall } from '../../src/testing/intercept-storage.ts'
import { ManualClock } from '../../src/testing/manual-clock.ts'
import { aHeldRun, aRun, aTask, create, put } from '../../src/testing/records.ts'

/** What happens to a call: it is made, it fails before or after it is made, or its answer waits for this promise. */
type Treatment = 'made' | 'fails before' | 'fails after' | Promise<unknown>

let clock: ManualClock
let kept: Storage
let concurrency = 1
let treat: (call: StorageCall) => Treatment
const engines: FlowEngine[] = []
const one = flow('one', (input: number) => step('work', () => input + 1))

beforeEach(async () => {
  clock = new ManualClock()
  kept = memoryStorage({ clock })
  await kept.open()
  treat = () => 'made'
  concurrency = 1
})
afterEach(async () => {
  treat = () => 'made'
  for (const engine of engines.splice(0)) {
    const stopping = engine.stop({ drainMs: 0 })
    await clock.advance(1000)
    await stopping
  }
})

async function startEngine(...flows: Parameters<FlowEngine['registerFlow']>[0][]): Promise<FlowEngine> {
  const storage = interceptStorage(kept, async (call, proceed) => {
    if (call.name === 'close') return undefined as never
    const treatment = treat(call)
    if (treatment === 'fails before') throw away()
    const answer = await proceed()
    if (treatment === 'fails after') throw away()
    await treatment
    return answer
  })
  const engine = new FlowEngine({ storage, clock, concurrency, onError: () => undefined })
  engines.push(engine)
  for (const definition of flows.length === 0 ? [one] : flows) engine.registerFlow(definition)
  await engine.start()
  return engine
}

function away(): PerfectError {
  return new PerfectError('STORAGE_UNAVAILABLE', 'Away for a moment.', { details: {} })
}

const has = (call: StorageCall, type: string): boolean => call.changes?.some((change) => change.type === type) ?? false

/** A treatment for the first call of this name, or with a change of this type. */
function once(what: string, treatment: Treatment): (call: StorageCall) => Treatment {
  let isOver = false
  return (call) => {
    if (isOver || (call.name !== what && !has(call, what))) return 'made'
    isOver = true
    return treatment
  }
}

describe('a run that is claimed', () => {
  it.each(['tasks.list', 'runs.input'])('goes on although "%s" fails right after the claim', async (read) => {
    await kept.commit([create(aRun({ id: 'run_1', flowId: 'one' }), '1')])
    treat = once(read, 'fails before')
    const engine = await startEngine()
    await clock.advance(10_000)
    expect((await engine.getRunDetail('run_1')).result).toBe(2)
  })

  it('is not taken a second time by its own engine when the lease has ended unnoticed', async () => {
    let starts = 0
    const gate = Promise.withResolvers<undefined>()
    const slow = flow('slow', () =>
      step('work', () => {
        starts++
        return gate.promise
      }),
    )
    concurrency = 2
    const engine = await startEngine(slow, one)
    const { id } = await engine.triggerFlow(slow)
    // As the storage sees it the lease is over; and the engine looks for work when a slot comes free.
    await kept.commit([{ type: 'engine.remove', engineId: engine.id }])
    await Promise.all([engine.triggerFlow(one, { input: 1 }), engine.triggerFlow(one, { input: 2 })])
    await clock.advance(60_000)
    gate.resolve(undefined)
    await clock.advance(1000)
    expect([starts, await engine.getRun(id)]).toMatchObject([1, { status: 'succeeded', epoch: 1 }])
  })
})

describe('a run that is cancelled while its input is read', () => {
  it('takes back what was done before, however long that lasts', async () => {
    const undone: unknown[] = []
    const booking = flow('booking', async () => {
      await step('book', { compensate: (ticket: string) => void undone.push(ticket) }, () => 'ticket')
      await step('hang', () => new Promise(() => undefined))
    })
    const fence = { runId: 'run_1', epoch: 1, engineId: 'eng_dead' }
    await kept.commit([
      create(aHeldRun({ id: 'run_1', flowId: 'booking', engineId: 'eng_dead' })),
      put(aTask({ key: 'book#1', name: 'book', value: '"ticket"' }), fence),
    ])
    const answer = Promise.withResolvers<undefined>()
    treat = once('runs.input', answer.promise)
    const engine = await startEngine(booking)
    await clock.advance(10)
    await engine.cancelRun('run_1')
    await clock.advance(60_000)
    answer.resolve(undefined)
    await clock.advance(60_000)
    expect([undone, (await engine.getRun('run_1')).status]).toEqual([['ticket'], 'cancelled'])
  })
})

describe('a trigger with an idempotency key', () => {
  it('whose answer is lost gives the same run the second time, and that one is not cancelled', async () => {
    const engine = await startEngine()
    const options = { input: 1, idempotencyKey: 'order 7' }
    treat = once('run.create', 'fails after')
    await expect(engine.triggerFlow(one, options)).rejects.toThrow('Away for a moment')
    const { id } = await engine.triggerFlow(one, options)
    await clock.advance(10_000)
    expect((await engine.getRunDetail(id)).result).toBe(2)
    expect((await engine.getRuns()).items).toHaveLength(1)
  })

  it.each([{ dedupe: { key: 'report' } }, { debounce: { key: 'report', delay: 1000 } }])(
    'or %j whose answer is lost leaves the run alone that somebody else has joined',
    async (placing) => {
      const engine = await startEngine()
      treat = once('run.create', 'fails after')
      await expect(engine.triggerFlow(one, { input: 1, ...placing })).rejects.toThrow('Away for a moment')
      const joined = await engine.triggerFlow(one, { input: 1, ...placing })
      await clock.advance(10_000)
      expect((await engine.getRunDetail(joined.id)).result).toBe(2)
      expect((await engine.getRuns()).items).toHaveLength(1)
    },
  )

  it('that is lost without one is cancelled, since nobody will ever ask for it', async () => {
    const engine = await startEngine()
    treat = once('run.create', 'fails after')
    await expect(engine.triggerFlow(one, { input: 1 })).rejects.toThrow('Away for a moment')
    await clock.advance(10_000)
    expect((await engine.getRuns()).items).toMatchObject([{ status: 'cancelled' }])
  })
})

describe('what an engine shows of a run', () => {
  it('does not fall back when the answer to the end of the run is lost', async () => {
    const engine = await startEngine()
    const shown: RunView[] = []
    engine.on('run.updated', (run) => shown.push(run))
    treat = once('run.finish', 'fails after')
    const run = await engine.triggerFlow(one, { input: 1 })
    await clock.advance(10_000)
    expect(await run.result()).toBe(2)
    const percents = shown.map(({ progress }) => progress.percent)
    expect(percents).toEqual(percents.toSorted((a, b) => a - b))
    expect(shown.at(-1)).toMatchObject({ status: 'succeeded', progress: { percent: 100 } })
  })

  it('is not older than what it has shown when a trigger is answered after its run has ended', async () => {
    const gate = Promise.withResolvers<undefined>()
    const slow = flow('slow', () => step('work', () => gate.promise))
    const engine = await startEngine(one, slow)
    const shown: RunView[] = []
    engine.on('run.updated', (run) => shown.push(run))
    await engine.triggerFlow(slow)
    const answer = Promise.withResolvers<undefined>()
    treat = once('run.create', answer.promise)
    const triggered = engine.triggerFlow(one, { input: 1 })
    // In a commit of its own, so that nothing else waits for its answer.
    await clock.advance(1)
    gate.resolve(undefined)
    await clock.advance(20_000)
    expect(shown.some(({ flowId, status }) => flowId === 'one' && status === 'succeeded')).toBe(true)
    answer.resolve(undefined)
    const { id } = await triggered
    const statuses = shown.filter((run) => run.id === id).map(({ status }) => status)
    expect(statuses.slice(statuses.indexOf('succeeded')).every((status) => status === 'succeeded')).toBe(true)
  })
})

describe('a run that is given back', () => {
  it('keeps the progress of a task whose record is still on its way', async () => {
    const gate = Promise.withResolvers<undefined>()
    const slow = flow('slow', async () => {
      await step('first', () => 1)
      await step('second', () => gate.promise)
    })
    const engine = await startEngine(slow)
    const answer = Promise.withResolvers<undefined>()
    treat = once('task.put', answer.promise)
    const { id } = await engine.triggerFlow(slow)
    await clock.advance(10)
    const stopping = engine.stop({ drainMs: 0 })
    await clock.advance(10)
    answer.resolve(undefined)
    await clock.advance(10_000)
    await stopping
    expect(await kept.runs.get(id)).toMatchObject({ status: 'queued', engineId: null, progress: 0.5 })
  })
})

describe('an engine that has stopped', () => {
  it('leaves no rejection behind when a task of it goes on and logs', async () => {
    const strays: unknown[] = []
    const onStray = (reason: unknown): void => void strays.push(reason)
    process.on('unhandledRejection', onStray)
    const gate = Promise.withResolvers<undefined>()
    const chatty = flow('chatty', () =>
      step('work', async ({ log }) => {
        await gate.promise
        log.info('still here')
        return 1
      }),
    )
    const engine = await startEngine(chatty)
    await engine.triggerFlow(chatty, 'debug')
    const stopping = engine.stop({ drainMs: 0 })
    await clock.advance(30_000)
    await stopping
    gate.resolve(undefined)
    await clock.advance(30_000)
    process.off('unhandledRejection', onStray)
    expect(strays).toEqual([])
  })
})

describe('who waits for a result', () => {
  it('gets it although the storage is away when it is read', async () => {
    const engine = await startEngine()
    const options = { input: 1, idempotencyKey: 'order 8' }
    await engine.triggerFlow(one, options)
    await clock.advance(1000)
    const again = await engine.triggerFlow(one, options)
    treat = once('runs.get', 'fails before')
    const results: unknown[] = []
    void again.result().then((result) => results.push(result))
    await clock.advance(10_000)
    expect(results).toEqual([2])
  })
})
