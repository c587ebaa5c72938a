import { current, flow, FlowEngine, map, memoryStorage, sleep, step, task, type RunView } from '@perfect/core'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'

const engines: FlowEngine[] = []
const code = (expected: string) => expect.objectContaining({ code: expected }) as Error

async function startEngine(...flows: Parameters<FlowEngine['registerFlow']>[0][]): Promise<FlowEngine> {
  const engine = new FlowEngine({ storage: memoryStorage() })
  engines.push(engine)
  for (const one of flows) engine.registerFlow(one)
  await engine.start()
  return engine
}

afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.stop({ drainMs: 100 })))
})

const double = task('double', (n: number) => n * 2)

describe('FlowEngine', () => {
  it('runs a flow and gives its typed result', async () => {
    const sum = flow('sum', async (numbers: readonly number[]) => {
      const doubled = await map('doubled', numbers, (n) => double(n))
      return step('sum', () => doubled.reduce((total, n) => total + n, 0))
    })
    const engine = await startEngine(sum)
    const run = await engine.triggerFlow(sum, { input: [1, 2, 3] })
    expect(await run.result()).toBe(12)
    const { run: view, tasks, input, result } = await engine.getRunDetail(run.id)
    expect(view).toMatchObject({ status: 'succeeded', flowId: 'sum', progress: { percent: 100, done: 4 } })
    expect(tasks.map(({ key }) => key)).toEqual([
      'doubled#1[0]/double#1',
      'doubled#1[1]/double#1',
      'doubled#1[2]/double#1',
      'sum#1',
    ])
    expect([input, result]).toEqual([[1, 2, 3], 12])
  })

  it('gives structured values back as they were, also to the flow itself', async () => {
    const seen: unknown[] = []
    const dates = flow('dates', async () => {
      const value = await step('make', () => ({ at: new Date(0), tags: new Set(['a']), big: 1n }))
      seen.push(value)
      return value
    })
    const engine = await startEngine(dates)
    const run = await engine.triggerFlow(dates)
    expect(await run.result()).toEqual({ at: new Date(0), tags: new Set(['a']), big: 1n })
    expect(seen[0]).toEqual({ at: new Date(0), tags: new Set(['a']), big: 1n })
  })

  it('retries a task, and records the attempts', async () => {
    let attempts = 0
    const flaky = flow('flaky', () =>
      step('try', { retry: { attempts: 3, backoff: 1 } }, () => {
        attempts++
        if (attempts < 3) throw new Error(`no ${String(attempts)}`)
        return attempts
      }),
    )
    const engine = await startEngine(flaky)
    const run = await engine.triggerFlow(flaky)
    expect(await run.result()).toBe(3)
    const { items } = await engine.getLogs(run.id)
    expect(items.map(({ message }) => message)).toEqual([
      'try failed (attempt 1 of 3): no 1',
      'try failed (attempt 2 of 3): no 2',
    ])
    expect((await engine.getRunDetail(run.id)).tasks[0]).toMatchObject({ status: 'succeeded', attempt: 3 })
  })

  it('fails a task that takes longer than its timeout, and aborts its signal', async () => {
    let wasAborted = false
    const slow = flow('slow', () =>
      step('wait', { timeout: 20 }, ({ signal }) => {
        signal.addEventListener('abort', () => (wasAborted = true))
        return new Promise(() => undefined)
      }),
    )
    const engine = await startEngine(slow)
    const run = await engine.triggerFlow(slow)
    await expect(run.result()).rejects.toThrow(code('TASK_TIMEOUT'))
    expect(wasAborted).toBe(true)
    expect((await engine.getRun(run.id)).status).toBe('failed')
  })

  it('cancels a running task by its signal, and starts no task afterwards', async () => {
    const started: string[] = []
    const long = flow('long', async () => {
      await step('first', ({ signal }) => {
        started.push('first')
        return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
      })
      await step('second', () => started.push('second'))
    })
    const engine = await startEngine(long)
    const run = await engine.triggerFlow(long)
    await expect.poll(() => started).toEqual(['first'])
    await engine.cancelRun(run.id, 'not needed')
    await expect(run.result()).rejects.toThrow(code('RUN_CANCELLED'))
    expect(started).toEqual(['first'])
    expect(await engine.getRun(run.id)).toMatchObject({ status: 'cancelled', cancelReason: 'not needed' })
    await expect(engine.cancelRun(run.id)).rejects.toThrow(code('RUN_FINISHED'))
  })

  it('fails a run whose result cannot be stored, and stores none of it', async () => {
    const cyclic: Record<string, unknown> = {}
    cyclic['self'] = cyclic
    const bad = flow('bad', () => step('make', { retry: 5 }, () => cyclic))
    const engine = await startEngine(bad)
    const run = await engine.triggerFlow(bad)
    await expect(run.result()).rejects.toThrow(code('VALUE_UNSERIALIZABLE'))
    expect((await engine.getRunDetail(run.id)).result).toBeNull()
  })

  it('refuses two-step branches with the same task names, and takes them in a map', async () => {
    const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
    const a = task('a', (n: number) => wait(n))
    const b = task('b', (n: number) => n)
    const branch = async (n: number): Promise<number> => {
      await a(n)
      return b(n)
    }
    const plain = flow('plain', () => Promise.all([branch(5), branch(1)]))
    const mapped = flow('mapped', () => map('branches', [5, 1], branch))
    const engine = await startEngine(plain, mapped)
    const refused = await engine.triggerFlow(plain)
    await expect(refused.result()).rejects.toThrow(code('TASK_KEY_AMBIGUOUS'))
    await expect(refused.result()).rejects.toThrow(/engine\.test\.ts:\d+:\d+ and .*engine\.test\.ts:\d+:\d+/)
    expect(await (await engine.triggerFlow(mapped)).result()).toEqual([5, 1])
  })

  it('I5 publishes progress that never falls and reaches 100 only on success', async () => {
    const seen: RunView[] = []
    const planned = flow(
      'planned',
      {
        plan: [
          { name: 'a', weight: 1 },
          { name: 'b', weight: 3 },
        ],
      },
      async () => {
        await step('a', () => current().progress(0.5))
        await step('b', () => 1)
      },
    )
    const engine = await startEngine(planned)
    engine.on('run.updated', (run) => seen.push(run))
    await (await engine.triggerFlow(planned)).result()
    const percents = seen.map(({ progress }) => progress.percent)
    expect(percents).toEqual(percents.toSorted((x, y) => x - y))
    expect(percents).toContain(25)
    expect(seen.filter(({ progress }) => progress.percent === 100).every(({ status }) => status === 'succeeded')).toBe(
      true,
    )
  })

  it('triggers once per idempotency key', async () => {
    const one = flow('one', { input: z.object({ n: z.number() }) }, ({ n }) => n)
    const engine = await startEngine(one)
    const first = await engine.triggerFlow(one, { input: { n: 1 }, idempotencyKey: 'k' })
    const again = await engine.triggerFlow(one, { input: { n: 1 }, idempotencyKey: 'k' })
    expect(again.id).toBe(first.id)
    await expect(engine.triggerFlow(one, { input: { n: 2 }, idempotencyKey: 'k' })).rejects.toThrow(
      code('IDEMPOTENCY_MISMATCH'),
    )
    expect((await engine.getRuns()).items).toHaveLength(1)
  })

  it.each([
    ['an unknown flow', 'FLOW_NOT_FOUND', (engine: FlowEngine) => engine.triggerFlow('nobody')],
    ['an unknown configuration', 'CONFIGURATION_INVALID', (engine: FlowEngine) => engine.triggerFlow('typed', 'fast')],
    [
      'input that does not fit',
      'INPUT_INVALID',
      (engine: FlowEngine) => engine.triggerFlow('typed', { input: { n: 'x' } }),
    ],
    ['a limit out of range', 'REQUEST_INVALID', (engine: FlowEngine) => engine.getRuns({ limit: 0 })],
    ['a foreign cursor', 'CURSOR_INVALID', (engine: FlowEngine) => engine.getRuns({ cursor: 'x' })],
    ['an unknown run', 'RUN_NOT_FOUND', (engine: FlowEngine) => engine.addFlowLog('run_x', 'line')],
    [
      'a log line that is no text',
      'LOG_INVALID',
      (engine: FlowEngine) => engine.addFlowLog('run_x', { message: 1 as never }),
    ],
  ])('refuses %s with %s and stores nothing', async (_title, expected, call) => {
    const engine = await startEngine(flow('typed', { input: z.object({ n: z.number() }) }, ({ n }) => n))
    await expect(call(engine)).rejects.toThrow(code(expected))
    expect((await engine.getRuns()).items).toEqual([])
  })

  it('refuses another flow of the same name, and takes the same one twice', async () => {
    const one = flow('same name', () => 1)
    const engine = await startEngine(one)
    expect(engine.registerFlow(one).id).toBe('same-name')
    expect(() => engine.registerFlow(flow('same name', () => 2))).toThrow(code('FLOW_DUPLICATE'))
  })

  it('sleeps durably and goes on', async () => {
    const naps = flow('naps', async () => {
      await sleep(5)
      return 'awake'
    })
    const engine = await startEngine(naps)
    const run = await engine.triggerFlow(naps)
    expect(await run.result()).toBe('awake')
    expect((await engine.getRunDetail(run.id)).tasks).toMatchObject([
      { key: 'sleep#1', kind: 'sleep', status: 'succeeded' },
    ])
  })

  it('writes debug lines, console output and every attempt only in the debug configuration', async () => {
    const talk = flow('talk', () =>
      step('say', () => {
        current().log.debug('fine detail')
        console.log('printed', 1)
        current().log.info('done')
      }),
    )
    const engine = await startEngine(talk)
    const messages = async (configuration: string): Promise<string[]> => {
      const run = await engine.triggerFlow(talk, configuration)
      await run.result()
      return (await engine.getLogs(run.id)).items.map(({ message }) => message)
    }
    expect(await messages('development')).toEqual(['done'])
    expect(await messages('release')).toEqual(['done'])
    expect(await messages('debug')).toEqual([
      'attempt 1 starts',
      'fine detail',
      'printed 1',
      'done',
      'attempt 1 succeeded',
    ])
  })

  it('never drives more runs at once than its concurrency', async () => {
    let now = 0
    let most = 0
    const busy = flow('busy', () =>
      step('work', async () => {
        most = Math.max(most, ++now)
        await new Promise((resolve) => setTimeout(resolve, 1))
        now--
      }),
    )
    const engine = new FlowEngine({ concurrency: 3 })
    engines.push(engine)
    engine.registerFlow(busy)
    const runs = await Promise.all(Array.from({ length: 20 }, () => engine.triggerFlow(busy)))
    await Promise.all(runs.map((run) => run.result()))
    expect(most).toBe(3)
  })

  it('goes on with its runs after it was stopped and started again on the same storage', async () => {
    const counts = { a: 0, b: 0 }
    let release: () => void = () => undefined
    const gate = new Promise<void>((resolve) => (release = resolve))
    const two = flow('two', async () => {
      await step('a', () => counts.a++)
      await step('b', async ({ signal }) => {
        counts.b++
        if (counts.b === 1)
          await Promise.race([gate, new Promise((_r, reject) => signal.addEventListener('abort', reject))])
      })
      return 'ok'
    })
    const storage = memoryStorage()
    const keep = { ...storage, close: () => Promise.resolve(), open: () => storage.open() }
    const first = new FlowEngine({ storage: keep })
    first.registerFlow(two)
    const run = await first.triggerFlow(two)
    await expect.poll(() => counts.b).toBe(1)
    await first.stop({ drainMs: 10 })
    const second = new FlowEngine({ storage: keep })
    engines.push(second)
    second.registerFlow(two)
    await second.start()
    await expect.poll(async () => (await second.getRun(run.id)).status).toBe('succeeded')
    expect(counts).toEqual({ a: 1, b: 2 })
    release()
  })
})
