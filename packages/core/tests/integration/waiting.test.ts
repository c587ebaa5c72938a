import { approval, flow, sleep, step, waitFor } from '@perfect/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'

import { DAY_MS, EngineHost, HOUR_MS, STORAGES } from './engine-host.ts'

const QUESTION = { title: 'Deploy 1.4?', details: { cost: 7 }, approvers: ['ann', 'ben'], timeout: '1d' } as const
const SHOWN = { title: 'Deploy 1.4?', details: { cost: 7 }, approvers: ['ann', 'ben'] }
const code = (expected: string) => expect.objectContaining({ code: expected }) as Error

describe.each(STORAGES)('waiting on %s', (storage) => {
  let host: EngineHost

  beforeEach(() => {
    host = new EngineHost(storage)
  })
  afterEach(() => host.stop())

  describe('for a signal', () => {
    const order = flow('order', async (id: string) => {
      const paid = await waitFor('paid', { schema: z.object({ amount: z.number() }), match: id, timeout: '3d' })
      return paid === undefined ? 'unpaid' : step('ship', () => `paid ${String(paid.amount)}`)
    })

    it('takes the one that is sent to the run, while it is in memory and after it was parked', async () => {
      const engine = await host.start(order)
      const [here, parked] = [
        await engine.triggerFlow(order, { input: 'a' }),
        await engine.triggerFlow(order, { input: 'b' }),
      ]
      await host.pass(100)
      expect((await engine.signalRun(here.id, 'paid', { amount: 1 })).takenBy).toBe(here.id)
      expect(await here.result()).toBe('paid 1')
      await host.pass(10_000)
      expect(await engine.getRun(parked.id)).toMatchObject({
        status: 'waiting',
        reason: 'signal',
        progress: { percent: expect.any(Number) as number },
      })
      expect((await host.storage.runs.get(parked.id))?.engineId).toBeNull()
      await engine.signalRun(parked.id, 'paid', { amount: 2 })
      await host.pass(100)
      expect(await parked.result()).toBe('paid 2')
    })

    it('takes one that was sent before anybody waited', async () => {
      const late = flow('late', async () => {
        await sleep('1h')
        return waitFor('go')
      })
      const engine = await host.start(late)
      const run = await engine.triggerFlow(late)
      expect(await engine.signalRun(run.id, 'go', 'now')).toMatchObject({ takenBy: null })
      await host.pass(2 * HOUR_MS)
      expect(await run.result()).toBe('now')
    })

    it('gives one that matches to the run that has waited longest, and to nobody else', async () => {
      const engine = await host.start(order)
      const first = await engine.triggerFlow(order, { input: 'x' })
      await host.pass(10)
      const second = await engine.triggerFlow(order, { input: 'x' })
      await host.pass(10_000)
      expect((await engine.sendSignal('paid', { amount: 5 }, { match: 'x' })).takenBy).toBe(first.id)
      await host.pass(100)
      expect(await first.result()).toBe('paid 5')
      expect((await engine.getRun(second.id)).status).toBe('waiting')
    })

    it('refuses one that does not fit while the run waits, in memory or parked, and stores nothing', async () => {
      const engine = await host.start(order)
      const run = await engine.triggerFlow(order, { input: 'a' })
      for (const waitMs of [100, 10_000]) {
        await host.pass(waitMs)
        const errors = [{ pointer: '/amount', message: expect.any(String) as string }]
        const details = expect.objectContaining({ errors }) as object
        const refused = expect.objectContaining({ code: 'SIGNAL_INVALID', details }) as Error
        await expect(engine.signalRun(run.id, 'paid', { amount: 'much' })).rejects.toThrow(refused)
        await expect(engine.sendSignal('paid', { amount: 'much' }, { match: 'a' })).rejects.toThrow(refused)
      }
      expect((await host.storage.runs.get(run.id))?.engineId).toBeNull()
      expect(await host.storage.signals.list(run.id)).toEqual([])
      await engine.signalRun(run.id, 'paid', { amount: 3 }, { id: 'three' })
      await host.pass(100)
      expect(await run.result()).toBe('paid 3')
    })

    it('leaves one out that was sent before and does not fit, says so in the log, and waits on', async () => {
      const late = flow('late', async () => {
        await sleep('1m')
        return waitFor('paid', { schema: z.object({ amount: z.number() }) })
      })
      const engine = await host.start(late)
      const run = await engine.triggerFlow(late)
      await host.pass(100)
      await engine.signalRun(run.id, 'paid', { amount: 'much' }, { by: 'ann' })
      await host.pass(61_000)
      await host.pass(1000)
      expect((await engine.getRunDetail(run.id)).tasks[1]?.note).toContain('signal "paid" of ann does not fit')
      await host.pass(10_000)
      expect(await engine.getRun(run.id)).toMatchObject({ status: 'waiting', reason: 'signal' })
      const { items } = await engine.getLogs(run.id)
      expect(items.map(({ message }) => message).join()).toContain('does not fit and is left out: /amount')
      await engine.signalRun(run.id, 'paid', { amount: 3 })
      await host.pass(100)
      expect(await run.result()).toEqual({ amount: 3 })
    })

    it('goes on without one when the time is over', async () => {
      const engine = await host.start(order)
      const run = await engine.triggerFlow(order, { input: 'a' })
      // In small steps while something happens, since a storage in another thread takes real time.
      await host.pass(10_000)
      await host.pass(3 * DAY_MS - 20_000)
      expect((await engine.getRun(run.id)).status).toBe('waiting')
      await host.pass(12_000)
      expect(await run.result()).toBe('unpaid')
      expect((await engine.getRunDetail(run.id)).tasks[0]).toMatchObject({ kind: 'signal', status: 'succeeded' })
    })

    it('takes a signal of the same id once', async () => {
      const twice = flow('twice', async () => [
        await waitFor('a', { timeout: '1h' }),
        await waitFor('a', { timeout: '1h' }),
      ])
      const engine = await host.start(twice)
      const run = await engine.triggerFlow(twice)
      await engine.signalRun(run.id, 'a', 1, { id: 'one' })
      await engine.signalRun(run.id, 'a', 1, { id: 'one' })
      await host.pass(2 * HOUR_MS)
      expect(await run.result()).toEqual([1, undefined])
    })

    it('refuses one for a run that is gone or has ended, and one without a name', async () => {
      const brief = flow('brief', () => 1)
      const engine = await host.start(brief)
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
      const decision = await approval('production', QUESTION)
      return decision?.approved === true ? `by ${decision.by ?? 'nobody'}` : 'no'
    })
    const engine = await host.start(deploy)
    const run = await engine.triggerFlow(deploy)
    await host.pass(10_000)
    expect(await engine.getRun(run.id)).toMatchObject({ status: 'waiting', reason: 'approval' })
    expect(await engine.pendingApprovals()).toMatchObject([
      { runId: run.id, flowId: 'deploy', name: 'production', ...SHOWN },
    ])
    expect((await engine.explainRun(run.id)).advice).toBe('Approve or reject it as ann or ben.')
    await expect(engine.approve(run.id, 'production', { approved: true })).rejects.toThrow(code('APPROVER_NOT_ALLOWED'))
    await expect(engine.approve(run.id, 'production', { approved: true, by: 'eve' })).rejects.toThrow(
      code('APPROVER_NOT_ALLOWED'),
    )
    await expect(engine.signalRun(run.id, 'approval:production', 'yes')).rejects.toThrow(code('SIGNAL_INVALID'))
    await expect(engine.approve(run.id, 'production', { approved: 'yes' as unknown as boolean })).rejects.toThrow(
      code('REQUEST_INVALID'),
    )
    await engine.approve(run.id, 'production', { approved: true, by: 'ann' })
    await host.pass(100)
    expect(await run.result()).toBe('by ann')
    const { items } = await engine.getLogs(run.id)
    expect(items.map(({ message }) => message)).toContain('approval "production" was given by ann')
    expect(await engine.pendingApprovals()).toEqual([])
  })

  it('leaves a decision out that somebody else has sent before the flow asked', async () => {
    const later = flow('later', async () => {
      await sleep('1m')
      return approval('production', { approvers: ['ann'] })
    })
    const engine = await host.start(later)
    const run = await engine.triggerFlow(later)
    await host.pass(100)
    await engine.approve(run.id, 'production', { approved: true, by: 'eve' })
    await host.pass(61_000)
    await host.pass(1000)
    expect((await engine.pendingApprovals()).map(({ name }) => name)).toEqual(['production'])
    await engine.approve(run.id, 'production', { approved: false, by: 'ann', comment: 'not today' })
    await host.pass(100)
    expect(await run.result()).toEqual({ approved: false, by: 'ann', comment: 'not today' })
  })
})

describe('waitFor()', () => {
  it('says that it works only inside a flow', async () => {
    await expect(waitFor('go')).rejects.toThrow(code('TASK_OUTSIDE_FLOW'))
    await expect(approval('go')).rejects.toThrow(code('TASK_OUTSIDE_FLOW'))
  })

  it('refuses a question that cannot be shown', async () => {
    const refused = code('TASK_DEFINITION_INVALID')
    await expect(approval('go', { title: '' })).rejects.toThrow(refused)
    await expect(approval('go', { approvers: [] })).rejects.toThrow(refused)
    await expect(approval('go', { approvers: 'ann' as unknown as string[] })).rejects.toThrow(refused)
  })
})
