import { flow, FlowEngine, step, task } from '@perfect/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const code = (expected: string) => expect.objectContaining({ code: expected }) as Error

let engine: FlowEngine
let calls: string[]
let isBroken: boolean

beforeEach(() => {
  engine = new FlowEngine()
  engine.registerFlow(etl)
  calls = []
  isBroken = true
})
afterEach(() => engine.stop({ drainMs: 100 }))

const extract = task('extract', (table: string) => {
  calls.push(`extract ${table}`)
  return [1, 2]
})
const transform = task('transform', (rows: readonly number[], factor: number) => {
  calls.push(`transform by ${String(factor)}`)
  return rows.map((row) => row * factor)
})
const etl = flow('etl', async ({ table, factor }: { table: string; factor: number }) => {
  const rows = await transform(await extract(table), factor)
  return step('load', () => {
    calls.push('load')
    if (isBroken) throw new Error('no space')
    return rows
  })
})

async function failedRun(): Promise<string> {
  const run = await engine.triggerFlow(etl, { input: { table: 'orders', factor: 10 } })
  await run.result().catch(() => undefined)
  calls = []
  isBroken = false
  return run.id
}

describe('FlowEngine.retryRun()', () => {
  it('goes on from what failed: what succeeded is not run again', async () => {
    const failed = await failedRun()
    const run = await engine.retryRun(failed, { by: 'ann' })
    expect(await run.result()).toEqual([10, 20])
    expect(calls).toEqual(['load'])
    const { run: view, tasks } = await engine.getRunDetail(run.id)
    expect(view).toMatchObject({ retryOf: failed, trigger: { kind: 'retry', by: 'ann' }, progress: { done: 3 } })
    expect(tasks.map(({ key, origin }) => [key, origin])).toEqual([
      ['extract#1', 'copied'],
      ['transform#1', 'copied'],
      ['load#1', 'run'],
    ])
    expect((await engine.getRun(failed)).status).toBe('failed')
  })

  it('goes on from a task: it and what came after run again', async () => {
    const run = await engine.retryRun(await failedRun(), { from: 'transform#1' })
    expect(await run.result()).toEqual([10, 20])
    expect(calls).toEqual(['transform by 10', 'load'])
  })

  it('starts again with nothing taken over', async () => {
    await (await engine.retryRun(await failedRun(), { from: 'start' })).result()
    expect(calls).toEqual(['extract orders', 'transform by 10', 'load'])
  })

  it('takes another input, and runs only what depends on it', async () => {
    const run = await engine.retryRun(await failedRun(), { input: { table: 'orders', factor: 100 } })
    expect(await run.result()).toEqual([100, 200])
    expect(calls).toEqual(['transform by 100', 'load'])
  })

  it('can be retried itself', async () => {
    const failed = await failedRun()
    isBroken = true
    const again = await engine.retryRun(failed)
    await again.result().catch(() => undefined)
    isBroken = false
    calls = []
    expect(await (await engine.retryRun(again.id)).result()).toEqual([10, 20])
    expect(calls).toEqual(['load'])
  })

  it('takes a run that succeeded, from a task', async () => {
    isBroken = false
    const done = await engine.triggerFlow(etl, { input: { table: 'orders', factor: 10 } })
    await done.result()
    calls = []
    await (await engine.retryRun(done.id, { from: 'load#1' })).result()
    expect(calls).toEqual(['load'])
  })

  it('refuses a run that has not ended, a task that it does not have and results that were not kept', async () => {
    const failed = await failedRun()
    await expect(engine.retryRun(failed, { from: 'load' })).rejects.toThrow(code('TASK_NOT_FOUND'))
    await expect(engine.retryRun(failed, { configuration: 'nope' })).rejects.toThrow(code('CONFIGURATION_INVALID'))
    await expect(engine.retryRun('run_0')).rejects.toThrow(code('RUN_NOT_FOUND'))
    const open = flow('open', () => step('wait', () => new Promise(() => undefined)))
    engine.registerFlow(open)
    await expect(engine.retryRun((await engine.triggerFlow(open)).id)).rejects.toThrow(code('RUN_NOT_FINISHED'))
    const large = flow('large', () => step('make', () => 'x'.repeat(10_000)))
    engine.registerFlow(large)
    const done = await engine.triggerFlow(large, 'release')
    await done.result()
    await expect(engine.retryRun(done.id)).rejects.toThrow(code('REQUEST_INVALID'))
    expect((await (await engine.retryRun(done.id, { from: 'start' })).result()) as string).toHaveLength(10_000)
  })
})
