import { approval, flow, FlowEngine, memoryStorage, sleep, step, waitFor, type Flow, type Storage } from '@perfect/core'
import { sqliteStorage } from '@perfect/core/sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'

import { ManualClock } from '../../src/testing/manual-clock.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const code = (expected: string) => expect.objectContaining({ code: expected }) as Error

describe.each([
  ['memory', (clock: ManualClock) => memoryStorage({ clock })],
  ['sqlite', (clock: ManualClock) => sqliteStorage(':memory:', { clock })],
])('waiting on %s', (_name, makeStorage) => {
  let clock: ManualClock
  let storage: Storage
  let engine: FlowEngine

  beforeEach(() => {
    clock = new ManualClock()
    storage = makeStorage(clock)
  })
  afterEach(async () => {
    const stopping = engine.stop({ drainMs: 0 })
    await pass(100)
    await stopping
  })

  // oxlint-disable-next-line typescript/no-explicit-any -- flows of any input and output
  async function startEngine(
    flows: readonly Flow<any, any>[],
    options: { readonly concurrency?: number } = {},
  ): Promise<void> {
    // Nothing is to depend on the renewal of the lease, which looks for runs to take.
    engine = new FlowEngine({ storage, clock, leaseMs: 30 * DAY_MS, ...options })
    for (const one of flows) engine.registerFlow(one)
    await engine.start()
  }

  // A storage in another thread answers while no time passes, so it passes in steps.
  async function pass(durationMs: number): Promise<void> {
    await quiet()
    for (let step = 0; step < 40; step++) {
      await clock.advance(durationMs / 40)
      await quiet()
    }
  }

  async function quiet(): Promise<void> {
    for (let turn = 0; turn < 5; turn++) {
      await storage.runs.nextWakeAt().catch(() => null)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  describe('for a signal', () => {
    const order = flow('order', async (id: string) => {
      const paid = await waitFor('paid', { schema: z.object({ amount: z.number() }), match: id, timeout: '3d' })
      return paid === undefined ? 'unpaid' : step('ship', () => `paid ${String(paid.amount)}`)
    })

    it('takes the one that is sent to the run, while it is in memory and after it was parked', async () => {
      await startEngine([order])
      const [here, parked] = [
        await engine.triggerFlow(order, { input: 'a' }),
        await engine.triggerFlow(order, { input: 'b' }),
      ]
      await pass(100)
      expect((await engine.signalRun(here.id, 'paid', { amount: 1 })).takenBy).toBe(here.id)
      expect(await here.result()).toBe('paid 1')
      await pass(10_000)
      expect(await engine.getRun(parked.id)).toMatchObject({
        status: 'waiting',
        reason: 'signal',
        progress: { percent: expect.any(Number) as number },
      })
      expect((await storage.runs.get(parked.id))?.engineId).toBeNull()
      await engine.signalRun(parked.id, 'paid', { amount: 2 })
      await pass(100)
      expect(await parked.result()).toBe('paid 2')
    })

    it('takes one that was sent before anybody waited', async () => {
      const late = flow('late', async () => {
        await sleep('1h')
        return waitFor('go')
      })
      await startEngine([late])
      const run = await engine.triggerFlow(late)
      expect(await engine.signalRun(run.id, 'go', 'now')).toMatchObject({ takenBy: null })
      await pass(2 * HOUR_MS)
      expect(await run.result()).toBe('now')
    })

    it('gives one that matches to the run that has waited longest, and to nobody else', async () => {
      await startEngine([order])
      const first = await engine.triggerFlow(order, { input: 'x' })
      await pass(10)
      const second = await engine.triggerFlow(order, { input: 'x' })
      await pass(10_000)
      expect((await engine.sendSignal('paid', { amount: 5 }, { match: 'x' })).takenBy).toBe(first.id)
      await pass(100)
      expect(await first.result()).toBe('paid 5')
      expect((await engine.getRun(second.id)).status).toBe('waiting')
    })

    it('leaves one out that does not fit, says so in the log, and waits on', async () => {
      await startEngine([order])
      const run = await engine.triggerFlow(order, { input: 'a' })
      await pass(10_000)
      await engine.signalRun(run.id, 'paid', { amount: 'much' })
      await pass(10_000)
      expect(await engine.getRun(run.id)).toMatchObject({ status: 'waiting', reason: 'signal' })
      const { items } = await engine.getLogs(run.id)
      expect(items.map(({ message }) => message).join()).toContain(
        'signal "paid" does not fit and is left out: /amount',
      )
      await engine.signalRun(run.id, 'paid', { amount: 3 })
      await pass(100)
      expect(await run.result()).toBe('paid 3')
    })

    it('goes on without one when the time is over', async () => {
      await startEngine([order])
      const run = await engine.triggerFlow(order, { input: 'a' })
      // In small steps while something happens, since a storage in another thread takes real time.
      await pass(10_000)
      await pass(3 * DAY_MS - 20_000)
      expect((await engine.getRun(run.id)).status).toBe('waiting')
      await pass(12_000)
      expect(await run.result()).toBe('unpaid')
      expect((await engine.getRunDetail(run.id)).tasks[0]).toMatchObject({ kind: 'signal', status: 'succeeded' })
    })

    it('takes a signal of the same id once', async () => {
      const twice = flow('twice', async () => [
        await waitFor('a', { timeout: '1h' }),
        await waitFor('a', { timeout: '1h' }),
      ])
      await startEngine([twice])
      const run = await engine.triggerFlow(twice)
      await engine.signalRun(run.id, 'a', 1, { id: 'one' })
      await engine.signalRun(run.id, 'a', 1, { id: 'one' })
      await pass(2 * HOUR_MS)
      expect(await run.result()).toEqual([1, undefined])
    })

    it('refuses one for a run that is gone or has ended, and one without a name', async () => {
      const brief = flow('brief', () => 1)
      await startEngine([brief])
      const run = await engine.triggerFlow(brief)
      await run.result()
      await expect(engine.signalRun(run.id, 'go')).rejects.toThrow(code('RUN_FINISHED'))
      await expect(engine.signalRun('run_0', 'go')).rejects.toThrow(code('RUN_NOT_FOUND'))
      await expect(engine.signalRun(run.id, '')).rejects.toThrow(code('REQUEST_INVALID'))
      await expect(engine.sendSignal('go', 1, { match: '' })).rejects.toThrow(code('REQUEST_INVALID'))
    })
  })

  it('waits for an approval, shows it to those who decide, and takes the decision', async () => {
    const deploy = flow('deploy', async () => {
      const decision = await approval('production', { timeout: '1d' })
      return decision?.approved === true ? `by ${decision.by ?? 'nobody'}` : 'no'
    })
    await startEngine([deploy])
    const run = await engine.triggerFlow(deploy)
    await pass(10_000)
    expect(await engine.getRun(run.id)).toMatchObject({ status: 'waiting', reason: 'approval' })
    expect(await engine.pendingApprovals()).toMatchObject([{ runId: run.id, flowId: 'deploy', name: 'production' }])
    await expect(engine.approve(run.id, 'production', { approved: 'yes' as unknown as boolean })).rejects.toThrow(
      code('REQUEST_INVALID'),
    )
    await engine.approve(run.id, 'production', { approved: true, by: 'ann' })
    await pass(100)
    expect(await run.result()).toBe('by ann')
    expect(await engine.pendingApprovals()).toEqual([])
  })

  describe('for another flow', () => {
    const part = flow('part', async (size: number) => {
      if (size < 0) throw new RangeError('too small')
      await sleep('1h')
      return step('double', () => size * 2)
    })
    const whole = flow('whole', async (sizes: readonly number[]) => {
      const results: number[] = []
      for (const size of sizes) results.push(await part(size))
      return results
    })

    it('runs it as a run of its own, also with a single slot, and gives its typed result', async () => {
      await startEngine([part, whole], { concurrency: 1 })
      const run = await engine.triggerFlow(whole, { input: [1, 2], configuration: 'release' })
      await pass(3 * HOUR_MS)
      expect(await run.result()).toEqual([2, 4])
      const { tasks } = await engine.getRunDetail(run.id)
      expect(tasks.map(({ key, kind }) => [key, kind])).toEqual([
        ['part#1', 'child'],
        ['part#2', 'child'],
      ])
      const child = await engine.getRun(tasks[0]?.childRunId ?? '')
      expect(child).toMatchObject({
        parentRunId: run.id,
        configuration: 'release',
        trigger: { kind: 'parent', by: run.id },
      })
      expect((await engine.getRuns({ parentRunId: run.id })).items).toHaveLength(2)
    })

    it('gives its failure to the caller, who may go on', async () => {
      const careful = flow('careful', async () => {
        try {
          return await part(-1)
        } catch (error) {
          return error instanceof Error ? `${error.name}: ${error.message}` : 'unknown'
        }
      })
      await startEngine([part, careful])
      const run = await engine.triggerFlow(careful)
      await pass(10_000)
      expect(await run.result()).toBe('RangeError: too small')
    })

    it('ends it when its caller is cancelled, and when its caller fails', async () => {
      const failing = flow('failing', () => Promise.all([part(1), step('fail', () => Promise.reject(new Error('no')))]))
      await startEngine([part, whole, failing])
      const cancelled = await engine.triggerFlow(whole, { input: [1] })
      const failed = await engine.triggerFlow(failing)
      await pass(10_000)
      await cancelled.cancel('enough')
      await pass(20_000)
      for (const id of [cancelled.id, failed.id]) {
        const [child] = (await engine.getRuns({ parentRunId: id })).items
        expect(child?.status).toBe('cancelled')
      }
      expect((await engine.getRun(failed.id)).status).toBe('failed')
    })

    it('refuses a flow that is not registered', async () => {
      await startEngine([whole])
      const run = await engine.triggerFlow(whole, { input: [1] })
      await pass(1000)
      await expect(run.result()).rejects.toThrow(code('FLOW_NOT_FOUND'))
    })
  })

  describe('for somebody who has paused it', () => {
    const steps: string[] = []
    const long = flow('long', async () => {
      await step('one', () => steps.push('one'))
      await sleep('1h')
      await step('two', () => steps.push('two'))
    })
    beforeEach(() => steps.splice(0))

    it('starts nothing until it is resumed, and a sleep keeps its end', async () => {
      await startEngine([long])
      const run = await engine.triggerFlow(long)
      await pass(1000)
      expect((await engine.pauseRun(run.id)).pausedAt).not.toBeNull()
      await pass(2 * HOUR_MS)
      expect(await engine.getRun(run.id)).toMatchObject({ status: 'waiting', reason: 'paused' })
      expect((await engine.explainRun(run.id)).text).toContain('paused')
      await engine.resumeRun(run.id)
      await pass(1000)
      expect((await engine.getRun(run.id)).status).toBe('succeeded')
      expect(steps).toEqual(['one', 'two'])
    })

    it('lets the task that runs end, and starts no other', async () => {
      let finish: () => void = () => undefined
      const busy = flow('busy', async () => {
        await step('first', () => new Promise<void>((resolve) => (finish = resolve)))
        await step('second', () => steps.push('second'))
      })
      await startEngine([busy])
      const run = await engine.triggerFlow(busy)
      await pass(100)
      await engine.pauseRun(run.id)
      await pass(100)
      expect((await engine.getRun(run.id)).status).toBe('running')
      finish()
      await pass(100)
      expect(await engine.getRun(run.id)).toMatchObject({ status: 'waiting', reason: 'paused', progress: { done: 1 } })
      expect(steps).toEqual([])
      await engine.resumeRun(run.id)
      await pass(100)
      expect(steps).toEqual(['second'])
    })

    it('refuses to resume what was not paused, and to pause what has ended', async () => {
      await startEngine([long])
      const run = await engine.triggerFlow(long)
      await pass(1000)
      await expect(engine.resumeRun(run.id)).rejects.toThrow(code('RUN_NOT_PAUSED'))
      await pass(2 * HOUR_MS)
      await expect(engine.pauseRun(run.id)).rejects.toThrow(code('RUN_FINISHED'))
    })
  })

  it('is over at once when the run is cancelled by force, whatever runs', async () => {
    let wasAborted = false
    const deaf = flow('deaf', () =>
      step('never', ({ signal }) => {
        signal.addEventListener('abort', () => (wasAborted = true))
        return new Promise(() => undefined)
      }),
    )
    await startEngine([deaf])
    const run = await engine.triggerFlow(deaf)
    await pass(100)
    expect((await engine.cancelRun(run.id, { force: true, reason: 'now' })).status).toBe('cancelled')
    await pass(100)
    expect([(await engine.getRun(run.id)).status, wasAborted]).toEqual(['cancelled', true])
    await expect(run.result()).rejects.toThrow(code('RUN_CANCELLED'))
  })
})

describe('waitFor()', () => {
  it('says that it works only inside a flow', async () => {
    await expect(waitFor('go')).rejects.toThrow(code('TASK_OUTSIDE_FLOW'))
    await expect(approval('go')).rejects.toThrow(code('TASK_OUTSIDE_FLOW'))
  })
})
