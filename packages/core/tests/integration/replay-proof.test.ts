import {
  current,
  flow,
  FlowEngine,
  map,
  memoryStorage,
  sleep,
  step,
  task,
  type Flow,
  type ReplayReport,
} from '@perfect/core'
import { afterEach, describe, expect, it } from 'vitest'

const engines: FlowEngine[] = []
const code = (expected: string) => expect.objectContaining({ code: expected }) as Error

// oxlint-disable-next-line typescript/no-explicit-any -- a flow of any input and output
async function proofOf(one: Flow<any, any>, input?: unknown): Promise<ReplayReport> {
  const engine = new FlowEngine({ storage: memoryStorage() })
  engines.push(engine)
  engine.registerFlow(one)
  const run = await engine.triggerFlow(one.definition.id, { input })
  await run.result().catch(() => undefined)
  return engine.verifyReplay(run.id)
}

afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.stop({ drainMs: 100 })))
})

const double = task('double', (n: number) => n * 2)

describe('FlowEngine.verifyReplay()', () => {
  it('finds nothing in a flow that decides by its input and its tasks only', async () => {
    const sum = flow('sum', async (numbers: readonly number[]) => {
      const doubled = await map('doubled', numbers, (n) => double(n))
      return step('sum', () => doubled.reduce((total, n) => total + n, 0))
    })
    expect(await proofOf(sum, [1, 2, 3, 4, 5])).toEqual({ ok: true, orders: 10, differences: [] })
  })

  it('takes runs that sleep and whose tasks give nothing', async () => {
    const nap = flow('nap', async () => {
      await sleep(1)
      await step('nothing', () => undefined)
    })
    expect(await proofOf(nap)).toMatchObject({ ok: true })
  })

  it('names an argument that is another one on replay, and the place of the call', async () => {
    let calls = 0
    const counting = flow('counting', () => double(++calls))
    const { ok, differences } = await proofOf(counting)
    expect(ok).toBe(false)
    expect(differences).toContainEqual({
      kind: 'arguments',
      key: 'double#1',
      text: expect.stringMatching(
        /^Task "double" \(double#1\) was called with 1, now with \d+ \(.*replay-proof\.test\.ts:\d+:\d+\)\.$/,
      ) as string,
    })
  })

  it('names the task that is called on replay only, with its place in the code, and the one that is not called any more', async () => {
    let isFirst = true
    const moody = flow('moody', async () => {
      if (isFirst) {
        isFirst = false
        return step('first', () => 1)
      }
      return step('other', () => 1)
    })
    const { differences } = await proofOf(moody)
    expect(differences.map(({ kind, key }) => [kind, key])).toEqual([
      ['missing', 'first#1'],
      ['new', 'other#1'],
    ])
    expect(differences.find(({ kind }) => kind === 'new')?.text).toMatch(/replay-proof\.test\.ts:\d+:\d+/)
  })

  it('finds a result that depends on which of two tasks was recorded first', async () => {
    const race = flow('race', async () => {
      const order: string[] = []
      const note = async (name: string, delayMs: number): Promise<void> => {
        await step(name, () => new Promise((resolve) => setTimeout(resolve, delayMs)))
        order.push(name)
      }
      await Promise.all([note('slow', 20), note('quick', 1)])
      return order.join()
    })
    const { differences } = await proofOf(race)
    expect(differences).toEqual([
      { kind: 'result', key: null, text: 'The flow gave "quick,slow"; now it gives "slow,quick".' },
    ])
  })

  it('finds code of the flow that waits for something that is not recorded', async () => {
    const waiting = flow('waiting', () => new Promise((resolve) => setTimeout(() => resolve(1), 5)))
    expect((await proofOf(waiting)).differences.map(({ kind }) => kind)).toEqual(['stuck'])
  })

  it('takes a failure as an end like another', async () => {
    const failing = flow('failing', async () => {
      await step('fine', () => 1)
      await step('bad', () => {
        throw new Error('no')
      })
    })
    expect(await proofOf(failing)).toMatchObject({ ok: true })
  })

  it('runs no task and writes no log line', async () => {
    let runs = 0
    const logging = flow('logging', async () => {
      current().log.info('hello')
      await step('once', () => runs++)
    })
    const engine = new FlowEngine()
    engines.push(engine)
    engine.registerFlow(logging)
    const run = await engine.triggerFlow(logging)
    await run.result()
    await engine.verifyReplay(run.id)
    expect(runs).toBe(1)
    expect((await engine.getLogs(run.id)).items).toHaveLength(1)
  })

  it('refuses a run that has not ended, and a number of orders that is none', async () => {
    const engine = new FlowEngine()
    engines.push(engine)
    const open = flow('open', () => step('wait', () => new Promise(() => undefined)))
    engine.registerFlow(open)
    const run = await engine.triggerFlow(open)
    await expect(engine.verifyReplay(run.id)).rejects.toThrow(code('RUN_NOT_FINISHED'))
    await expect(engine.verifyReplay(run.id, { orders: 0 })).rejects.toThrow(code('REQUEST_INVALID'))
  })
})
