import { AsyncLocalStorage } from 'node:async_hooks'

import { current, flow, sleep, step, task, type Middleware, type StretchEnd } from '@perfect/core'
import { ManualClock } from '@perfect/core/testing'
import { describe, expect, it } from 'vitest'

import { startEngine } from './start-engine.ts'

const code = (expected: string) => expect.objectContaining({ code: expected }) as Error
const hello = flow('hello', (name: string) => step('greet', () => `Hello, ${name}`))

function noted(notes: string[], name: string): Middleware {
  return {
    async run(_, next) {
      notes.push(`${name} run`)
      notes.push(`${name} ${await next()}`)
    },
    async task({ taskName }, next) {
      notes.push(`${name} ${taskName}`)
      await next()
      notes.push(`${name} ${taskName} done`)
    },
  }
}

describe('FlowEngine.use()', () => {
  it('wraps runs and tasks, the first one outermost', async () => {
    const notes: string[] = []
    const engine = await startEngine({}, hello)
    engine.use(noted(notes, 'a')).use(noted(notes, 'b'))
    const run = await engine.triggerFlow(hello, { input: 'Ada' })
    expect(await run.result()).toBe('Hello, Ada')
    const around = ['a greet', 'b greet', 'b greet done', 'a greet done']
    expect(notes).toEqual(['a run', 'b run', ...around, 'b returned', 'a returned'])
  })

  it('tells what it is around', async () => {
    const seen: unknown[] = []
    const engine = await startEngine({}, hello)
    engine.use({ task: async (context, next) => seen.push(context, await next(), current().key) })
    const run = await engine.triggerFlow(hello, { input: 'Ada', configuration: 'debug' })
    await run.result()
    expect(seen).toMatchObject([
      { runId: run.id, flowId: 'hello', configuration: 'debug', epoch: 1, taskKey: 'greet#1', attempt: 1 },
      'Hello, Ada',
      'greet#1',
    ])
  })

  it('gives flows and tasks an async context', async () => {
    const tenants = new AsyncLocalStorage<string>()
    const who = flow('who', async () => [tenants.getStore(), await step('look', () => tenants.getStore())])
    const engine = await startEngine({}, who)
    engine.use({ run: (_, next) => tenants.run('acme', next) })
    expect(await (await engine.triggerFlow(who)).result()).toEqual(['acme', 'acme'])
  })

  it('makes another error of the one that a task or a flow throws', async () => {
    const fail = flow('fail', () => step('break', () => Promise.reject(new Error('ECONNRESET'))))
    const engine = await startEngine({}, fail)
    const translate = (prefix: string) => async (_: unknown, next: () => Promise<unknown>) => {
      try {
        await next()
      } catch (error) {
        throw new Error(`${prefix}: ${(error as Error).message}`, { cause: error })
      }
    }
    engine.use({ task: translate('bank'), run: translate('flow') })
    await expect((await engine.triggerFlow(fail)).result()).rejects.toThrow('flow: bank: ECONNRESET')
  })

  it('cannot make an error vanish, nor a result another one', async () => {
    const both = flow('both', async (fails: boolean) =>
      step('try', () => (fails ? Promise.reject(new Error('no')) : 'yes')),
    )
    const engine = await startEngine({}, both)
    engine.use({
      task: (_, next) =>
        next().then(
          () => 'forged',
          () => 'forged',
        ),
    })
    expect(await (await engine.triggerFlow(both, { input: false })).result()).toBe('yes')
    await expect((await engine.triggerFlow(both, { input: true })).result()).rejects.toThrow('no')
  })

  it.each<[string, Middleware]>([
    ['never around a task', { task: () => Promise.resolve() }],
    ['twice around a task', { task: (_, next) => Promise.all([next(), next()]) }],
    ['twice, and hides it', { task: (_, next) => Promise.allSettled([next(), next()]) }],
    ['never around a run', { run: () => Promise.resolve() }],
  ])('fails the run when "next" is called %s', async (_, middleware) => {
    const engine = await startEngine({}, hello)
    engine.use(middleware)
    const run = await engine.triggerFlow(hello, { input: 'Ada' })
    await expect(run.result()).rejects.toThrow(code('MIDDLEWARE_INVALID'))
  })

  it('refuses what is no middleware', async () => {
    const engine = await startEngine({})
    for (const wrong of [{}, { run: 1 }, { task: async () => undefined, run: 'x' }, null])
      expect(() => engine.use(wrong as unknown as Middleware)).toThrow(code('MIDDLEWARE_INVALID'))
  })

  it('wraps each stretch of a run that waits, each attempt of a task, and nothing that is replayed', async () => {
    const clock = new ManualClock()
    let attempts = 0
    const flaky = task('flaky', { retry: { attempts: 2, backoff: 10 } }, () => {
      attempts++
      if (attempts === 1) throw new Error('not yet')
      return attempts
    })
    const long = flow('long', async () => {
      await flaky()
      await sleep('1h')
      return step('last', () => 'done')
    })
    const ends: StretchEnd[] = []
    const tasks: string[] = []
    const engine = await startEngine({ clock }, long)
    engine.use({
      run: async (_, next) => ends.push(await next()),
      task: (context, next) => {
        tasks.push(`${context.taskName} ${String(context.attempt)} of stretch ${String(context.epoch)}`)
        return next()
      },
    })
    const run = await engine.triggerFlow(long)
    await clock.advance(3_700_000)
    expect(await run.result()).toBe('done')
    expect(ends).toEqual(['parked', 'returned'])
    expect(tasks).toEqual(['flaky 1 of stretch 1', 'flaky 2 of stretch 1', 'last 1 of stretch 2'])
  })

  it('hears of a time limit, and of a run that is ended by force', async () => {
    const clock = new ManualClock()
    const hang = () => new Promise<never>(() => undefined)
    const stuck = flow('stuck', async () => {
      await step('slow', { timeout: '5s' }, hang).catch(() => undefined)
      await hang()
    })
    const seen: unknown[] = []
    const engine = await startEngine({ clock }, stuck)
    engine.use({
      run: async (_, next) => seen.push(await next()),
      task: (_, next) => next().catch((error: unknown) => Promise.reject(seen.push((error as { code: string }).code))),
    })
    const run = await engine.triggerFlow(stuck)
    await clock.advance(6000)
    await engine.cancelRun(run.id)
    await clock.advance(11_000)
    expect((await engine.getRun(run.id)).status).toBe('cancelled')
    expect(seen).toEqual(['TASK_TIMEOUT', 'cancelled'])
  })

  it('reports what a middleware throws when its run has left', async () => {
    const clock = new ManualClock()
    const errors: unknown[] = []
    const nap = flow('nap', () => sleep('1h'))
    const engine = await startEngine({ clock, onError: (error) => errors.push(error) }, nap)
    engine.use({
      run: async (_, next) => {
        if ((await next()) === 'parked') throw new Error('too late')
      },
    })
    const run = await engine.triggerFlow(nap)
    await clock.advance(3_700_000)
    await run.result()
    expect(errors).toMatchObject([{ message: 'too late' }])
  })
})
