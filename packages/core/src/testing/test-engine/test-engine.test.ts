import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

import { all, flow, map, sleep, step, task } from '@perfect/core'
import { sqliteStorage } from '@perfect/core/sqlite'
import { describe, expect, it } from 'vitest'

import { testEngine } from './test-engine.ts'

/** A flow of two tasks that counts how often each was run. */
function payment() {
  const calls = { charge: 0, receipt: 0 }
  const charge = task('charge', (amount: number) => {
    calls.charge++
    return `paid ${String(amount)}`
  })
  const pay = flow('pay', async (amount: number) => {
    const paid = await charge(amount)
    await sleep('3d')
    return step('receipt', () => {
      calls.receipt++
      return `${paid}, sent`
    })
  })
  return { calls, pay }
}

describe('testEngine().run()', () => {
  it('lets the time of the test pass until the run has ended, with its typed result', async () => {
    const { pay } = payment()
    await using kit = await testEngine({ flows: [pay] })
    const ended = await kit.run(pay, { input: 5 })
    const text: string | undefined = ended.result
    expect([ended.status, text, ended.error]).toEqual(['succeeded', 'paid 5, sent', null])
    expect(ended.tasks.map(({ name }) => name)).toEqual(['charge', 'sleep', 'receipt'])
    expect(kit.clock.monotonic()).toBeGreaterThanOrEqual(3 * 86_400_000)
  })

  it('gives the error of a run that failed', async () => {
    const broken = flow('broken', () => step('fail', () => Promise.reject(new RangeError('no'))))
    await using kit = await testEngine({ flows: [broken] })
    const { status, result, error } = await kit.run(broken)
    expect([status, result, error?.message]).toEqual(['failed', undefined, 'no'])
  })

  it('draws the same identifiers again with the same seed', async () => {
    const ids: string[] = []
    for (const seed of [7, 7, 8]) {
      const { pay } = payment()
      await using kit = await testEngine({ flows: [pay], seed })
      ids.push((await kit.run(pay, { input: 1 })).id)
    }
    expect(ids[0]).toBe(ids[1])
    expect(ids[0]).not.toBe(ids[2])
  })

  it('refuses a run that does not end within its limit, and says why', async () => {
    const { pay } = payment()
    await using kit = await testEngine({ flows: [pay] })
    await expect(kit.run(pay, { input: 1, within: '1h' })).rejects.toThrow(
      expect.objectContaining({ code: 'RUN_NOT_FINISHED', message: expect.stringContaining('within 1h') as string }),
    )
  })

  it('refuses a task that waits for something that never comes', async () => {
    const stuck = flow('stuck', () => step('wait', () => new Promise(() => undefined)))
    await using kit = await testEngine({ flows: [stuck], patienceMs: 5 })
    await expect(kit.run(stuck)).rejects.toThrow(expect.objectContaining({ code: 'RUN_NOT_FINISHED' }))
  })

  it('lets tasks that take real time end before its own time goes on', async () => {
    const slow = flow('slow', () => step('io', { timeout: '1s' }, () => pause(20)))
    await using kit = await testEngine({ flows: [slow] })
    expect((await kit.run(slow)).status).toBe('succeeded')
    expect(kit.clock.monotonic()).toBeLessThan(1000)
  })

  it('lets a timeout end a task that hangs', async () => {
    const hanging = flow('hanging', () => step('hang', { timeout: '30s' }, () => new Promise(() => undefined)))
    await using kit = await testEngine({ flows: [hanging], patienceMs: 5 })
    expect((await kit.run(hanging)).error).toMatchObject({ code: 'TASK_TIMEOUT' })
  })

  it('works on a storage of its own thread too', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'perfect-kit-'))
    const { pay, calls } = payment()
    const file = join(folder, 'perfect.db')
    const kit = await testEngine({ flows: [pay], storage: (clock) => sqliteStorage(file, { clock }) })
    kit.crashAt('charge', { moment: 'after' })
    expect((await kit.run(pay, { input: 2 })).result).toBe('paid 2, sent')
    expect([kit.crashes, calls.charge]).toEqual([1, 1])
    await kit.stop()
    rmSync(folder, { recursive: true })
  })

  it('fails when a replay does something else than the run', async () => {
    let runs = 0
    const fickle = flow('fickle', async () => {
      await step(runs++ === 0 ? 'first' : 'second', () => 1)
    })
    await using kit = await testEngine({ flows: [fickle] })
    await expect(kit.run(fickle)).rejects.toThrow(expect.objectContaining({ code: 'REPLAY_MISMATCH' }))
    runs = 0
    await using trusting = await testEngine({ flows: [fickle], verifyReplays: false })
    expect((await trusting.run(fickle)).status).toBe('succeeded')
  })
})

describe('testEngine().crashAt()', () => {
  it.each([
    ['before', 2],
    ['after', 1],
  ] as const)('%s the result is stored runs the task %i times in all', async (moment, times) => {
    const { calls, pay } = payment()
    await using kit = await testEngine({ flows: [pay] })
    kit.crashAt('charge', { moment })
    const { status, run } = await kit.run(pay, { input: 1 })
    expect([status, run.epoch, kit.crashes]).toEqual(['succeeded', 3, 1])
    expect(calls).toEqual({ charge: times, receipt: 1 })
  })

  it('finds a task by its key, and dies as often as it is told', async () => {
    const squares = flow('squares', () =>
      map('items', [1, 2], (n) => step('square', () => n * n), { key: (n) => String(n) }),
    )
    await using kit = await testEngine({ flows: [squares] })
    kit.crashAt('items#1[2]/square#1', { times: 3 })
    expect((await kit.run(squares)).result).toEqual([1, 4])
    expect(kit.crashes).toBe(3)
  })
})

describe('testEngine().advance()', () => {
  it('passes over schedules, sleeps and crashes', async () => {
    const { pay } = payment()
    const hourly = flow('hourly', { schedule: '0 * * * *' }, () => 1)
    await using kit = await testEngine({ flows: [pay, hourly] })
    const { id } = await kit.engine.triggerFlow(pay, { input: 1 })
    await kit.advance('2d')
    expect((await kit.engine.getRun(id)).status).toBe('waiting')
    await kit.crash()
    await kit.advance('1d')
    expect((await kit.engine.getRun(id)).status).toBe('succeeded')
    expect((await kit.engine.getRuns({ flowId: 'hourly', limit: 200 })).items).toHaveLength(72)
  })
})

describe('testEngine().restart()', () => {
  it('goes on with another engine', async () => {
    const { pay, calls } = payment()
    await using kit = await testEngine({ flows: [pay] })
    const first = kit.engine
    const { id } = await first.triggerFlow(pay, { input: 1 })
    await kit.advance('1h')
    await kit.restart()
    expect([first.state, kit.engine === first, kit.crashes]).toEqual(['stopped', false, 0])
    expect((await kit.finish(id)).result).toBe('paid 1, sent')
    expect(calls.charge).toBe(1)
  })
})

describe('testEngine().reorder()', () => {
  it('lets tasks that end at the same moment be noticed in another order, the same for a seed', async () => {
    const orders = new Map<number, string>()
    const seen: string[] = []
    const race = flow('race', async () => {
      const one = (name: string) => async () => {
        await step('work', () => name)
        seen.push(name)
      }
      await all({ a: one('a'), b: one('b'), c: one('c'), d: one('d') })
    })
    for (const seed of [0, 1, 2, 3, 1]) {
      await using kit = await testEngine({ flows: [race] })
      kit.reorder(seed === 0 ? null : seed)
      seen.length = 0
      await kit.run(race)
      const order = seen.slice(0, 4).join('')
      expect(orders.get(seed) ?? order).toBe(order)
      orders.set(seed, order)
    }
    expect(orders.get(0)).toBe('abcd')
    expect(new Set(orders.values()).size).toBeGreaterThan(2)
  })
})
