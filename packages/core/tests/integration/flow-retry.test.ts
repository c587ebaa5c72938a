import { flow, FlowEngine, memoryStorage, step, task, type Storage } from '@perfect/core'
import { sqliteStorage } from '@perfect/core/sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { ManualClock } from '../../src/testing/manual-clock.ts'

const loads: number[] = []
let failures = 0
const load = task('load', (n: number) => {
  loads.push(n)
  return n * 2
})
async function work(n: number): Promise<number> {
  const loaded = await load(n)
  return step('send', () => {
    if (failures-- > 0) throw new Error('the other side is away')
    return loaded + 1
  })
}
const patient = flow('patient', { retry: { attempts: 3, backoff: '10m' } }, work)
const picky = flow(
  'picky',
  { retry: { attempts: 3, backoff: 0, if: (error) => !String(error).includes('away') } },
  work,
)
const caller = flow('caller', async (n: number) => (await patient(n)) + 100)

describe.each([
  ['memory', (clock: ManualClock) => memoryStorage({ clock })],
  ['sqlite', (clock: ManualClock) => sqliteStorage(':memory:', { clock })],
])('the retry of a flow on %s', (_name, makeStorage) => {
  let clock: ManualClock
  let storage: Storage
  let engine: FlowEngine

  beforeEach(async () => {
    loads.length = 0
    failures = 0
    clock = new ManualClock()
    storage = makeStorage(clock)
    engine = new FlowEngine({ storage, clock })
    for (const one of [patient, picky, caller]) engine.registerFlow(one)
    await engine.start()
  })
  afterEach(async () => {
    const stopping = engine.stop({ drainMs: 0 })
    await clock.advance(100)
    await stopping
  })

  async function settled<T>(promise: Promise<T>): Promise<T> {
    const state = { isSettled: false }
    const settle = (): void => void (state.isSettled = true)
    promise.then(settle, settle)
    for (let turn = 0; turn < 500 && !state.isSettled; turn++) {
      await storage.runs.nextWakeAt()
      await clock.advance(10_000)
    }
    return promise
  }

  it('tries a failed run again after the wait, keeps what succeeded, and gives the result to who waits', async () => {
    failures = 2
    const run = await engine.triggerFlow(patient, { input: 1, tags: ['nightly'] })
    expect(await settled(run.result())).toBe(3)
    expect(loads).toEqual([1])
    const { items } = await engine.getRuns()
    const [first, second, third] = items.toSorted((left, right) => left.attempt - right.attempt)
    expect([first, second, third].map((one) => one?.status)).toEqual(['failed', 'failed', 'succeeded'])
    expect(first?.nextRunId).toBe(second?.id)
    expect(second).toMatchObject({ retryOf: first?.id, nextRunId: third?.id, tags: ['nightly'] })
    expect(third?.nextRunId).toBeNull()
    const waited = Date.parse(third?.startedAt ?? '') - Date.parse(second?.finishedAt ?? '')
    expect(waited).toBeGreaterThanOrEqual(600_000)
  })

  it('gives the error of the last attempt when all have failed', async () => {
    failures = 9
    const run = await engine.triggerFlow(patient, { input: 1 })
    await expect(settled(run.result())).rejects.toThrow('away')
    expect((await engine.getRuns()).items).toHaveLength(3)
  })

  it('does not try again what "if" says is not worth it', async () => {
    failures = 1
    const run = await engine.triggerFlow(picky, { input: 1 })
    await expect(settled(run.result())).rejects.toThrow('away')
    expect((await engine.getRuns()).items).toHaveLength(1)
  })

  it('does not try a cancelled run again', async () => {
    failures = 1
    const run = await engine.triggerFlow(patient, { input: 1 })
    await expect.poll(async () => (await engine.getRuns()).items.length).toBe(2)
    const next = (await engine.getRuns()).items.find(({ attempt }) => attempt === 2)
    await engine.cancelRun(next?.id ?? '')
    await expect(settled(run.result())).rejects.toThrow('cancelled')
    expect((await engine.getRuns()).items).toHaveLength(2)
  })

  it('lets a flow that called it wait for the attempt that succeeds', async () => {
    failures = 1
    const run = await engine.triggerFlow(caller, { input: 5 })
    expect(await settled(run.result())).toBe(111)
  })
})

it('the schema of its result is kept by a flow', async () => {
  const isText = {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: (value: unknown) =>
        typeof value === 'string' ? { value: value.trim() } : { issues: [{ message: 'must be text', path: ['name'] }] },
    },
  } as const
  const named = flow('named', { output: isText }, (value: unknown) => value as string)
  const engine = new FlowEngine()
  engine.registerFlow(named)
  await engine.start()
  const good = await engine.triggerFlow(named, { input: ' Ada ' })
  await expect(good.result()).resolves.toBe('Ada')
  const bad = await engine.triggerFlow(named, { input: 7 })
  await expect(bad.result()).rejects.toMatchObject({
    code: 'OUTPUT_INVALID',
    details: { errors: [{ pointer: '/name', message: 'must be text' }] },
  })
  await engine.stop()
})
