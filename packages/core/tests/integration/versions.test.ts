import { flow, FlowEngine, memoryStorage, sleep, step, task, type Flow, type Storage } from '@perfect/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { ManualClock } from '../../src/testing/manual-clock.ts'

let clock: ManualClock
let storage: Storage
let engines: FlowEngine[]

beforeEach(() => {
  clock = new ManualClock()
  storage = keptOpen(memoryStorage({ clock }))
  engines = []
})
afterEach(async () => {
  for (const engine of engines) await stop(engine)
})

// What a file is for real engines: it outlives them.
function keptOpen(inner: Storage): Storage {
  return { ...inner, close: () => Promise.resolve() }
}

// oxlint-disable-next-line typescript/no-explicit-any -- flows of any input and output
async function startEngine(...flows: Flow<any, any>[]): Promise<FlowEngine> {
  const engine = new FlowEngine({ storage, clock })
  engines.push(engine)
  for (const one of flows) engine.registerFlow(one)
  await engine.start()
  return engine
}

async function stop(engine: FlowEngine): Promise<void> {
  const stopping = engine.stop({ drainMs: 0 })
  await clock.advance(100)
  await stopping
}

/** A run of the first version that sleeps after its first task, and no engine. */
async function sleepingRun(): Promise<string> {
  const engine = await startEngine(first)
  const run = await engine.triggerFlow(first)
  await clock.advance(1000)
  await stop(engine)
  return run.id
}

const load = task('load', (table: string) => table)
const first = flow('nightly', async () => {
  const rows = await load('orders')
  await sleep('1d')
  return step('report', () => `v1 ${rows}`)
})
const compatible = flow('nightly', { version: '2' }, async () => {
  const rows = await load('orders')
  await sleep('1d')
  return step('report', () => `v2 ${rows}`)
})
const incompatible = flow('nightly', { version: '2' }, async () => {
  const rows = await load('customers')
  await sleep('1d')
  return step('report', () => `v2 ${rows}`)
})

describe('F-22 a run whose flow has changed', () => {
  it('goes on with the new code when that did the same so far', async () => {
    const id = await sleepingRun()
    const engine = await startEngine(compatible)
    expect((await engine.checkVersions()).runs).toEqual([
      { runId: id, flowId: 'nightly', version: '1', verdict: 'compatible', text: null },
    ])
    await clock.advance(25 * 3_600_000)
    const { run, result } = await engine.getRunDetail(id)
    expect([run.status, run.flowVersion, result]).toEqual(['succeeded', '2', 'v2 orders'])
  })

  it('is held when the new code did something else, and says what', async () => {
    const id = await sleepingRun()
    const engine = await startEngine(incompatible)
    const text = 'Task "load" (load#1) was called with "orders", now with "customers"'
    expect(await engine.checkVersions()).toEqual({
      runs: [
        { runId: id, flowId: 'nightly', version: '1', verdict: 'held', text: expect.stringContaining(text) as string },
      ],
      checked: 1,
      isPartial: false,
    })
    await clock.advance(25 * 3_600_000)
    expect(await engine.getRun(id)).toMatchObject({ status: 'waiting', reason: 'version' })
    const { items } = await engine.getLogs(id)
    expect(items[0]?.message).toContain(`held, because the flow has changed: ${text}`)
    expect((await engine.explainRun(id)).text).toContain('It is held')
  })

  it('goes on with the version it began with, when that is registered too', async () => {
    const id = await sleepingRun()
    const engine = await startEngine(first, incompatible)
    expect((await engine.checkVersions()).runs.map(({ verdict }) => verdict)).toEqual(['pinned'])
    await clock.advance(25 * 3_600_000)
    expect((await engine.getRunDetail(id)).result).toBe('v1 orders')
    const fresh = await engine.triggerFlow(incompatible)
    await clock.advance(25 * 3_600_000)
    expect((await engine.getRunDetail(fresh.id)).result).toBe('v2 customers')
  })

  it('goes on after it was held, once fitting code is there', async () => {
    const id = await sleepingRun()
    const wrong = await startEngine(incompatible)
    await clock.advance(25 * 3_600_000)
    await stop(wrong)
    const engine = await startEngine(compatible)
    await clock.advance(1000)
    expect((await engine.getRunDetail(id)).result).toBe('v2 orders')
  })
})

describe('FlowEngine.getFlowVersions()', () => {
  it('keeps the history of what was registered', async () => {
    await stop(await startEngine(first))
    await clock.advance(1000)
    const engine = await startEngine(compatible)
    const versions = await engine.getFlowVersions('nightly')
    expect(versions.map(({ version }) => version)).toEqual(['2', '1'])
    expect(versions[0]?.fingerprint).toBe(compatible.definition.fingerprint)
  })
})

describe('a replay with other arguments', () => {
  // A flow that decides by something that is not recorded.
  let day = 1
  const undecided = (replay: 'strict' | 'warn') =>
    flow('undecided', { replay }, async () => {
      await load(`day ${String(day)}`)
      await sleep('1d')
      return day
    })

  async function replayedOnAnotherDay(replay: 'strict' | 'warn', configuration: string): Promise<FlowEngine> {
    day = 1
    const one = undecided(replay)
    const engine = await startEngine(one)
    await engine.triggerFlow(one, { configuration })
    await clock.advance(1000)
    day = 2
    await clock.advance(25 * 3_600_000)
    return engine
  }

  it('fails the run with both of them', async () => {
    const engine = await replayedOnAnotherDay('strict', 'release')
    const [run] = (await engine.getRuns()).items
    expect(run).toMatchObject({ status: 'failed', error: { code: 'REPLAY_MISMATCH' } })
    expect(run?.error?.message).toContain('Task "load" (load#1) was called with "day 1", now with "day 2".')
  })

  it('is only noted in release when the flow says so', async () => {
    const engine = await replayedOnAnotherDay('warn', 'release')
    const [run] = (await engine.getRuns()).items
    expect(run?.status).toBe('succeeded')
    expect((await engine.getLogs(run?.id ?? '')).items[0]).toMatchObject({ level: 'warn', task: 'load#1' })
  })

  it('is strict outside of release whatever the flow says, and shows the journal in debug', async () => {
    const engine = await replayedOnAnotherDay('warn', 'debug')
    const [run] = (await engine.getRuns()).items
    expect(run).toMatchObject({ status: 'failed', error: { code: 'REPLAY_MISMATCH' } })
    const { items } = await engine.getLogs(run?.id ?? '', { text: 'the journal at the mismatch' })
    expect(items[0]?.fields).toMatchObject({ total: 2, journal: [{ key: 'load#1', args: '["day 1"]' }, {}] })
  })
})
