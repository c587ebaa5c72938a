/* What the types must infer, and what they must refuse; checked by the compiler, never run. */
import { expectTypeOf } from 'vitest'

import type { FlowEngine } from '../engine/flow-engine.ts'
import type { RunHandle } from '../engine/run-handle.ts'
import type { Settled } from '../primitives/run-lanes.ts'
import { step } from './flow-calls.ts'
import type { SuccessEvent } from './flow-hooks.ts'
import { flow, type Flow } from './flow.ts'
import { map } from './map-call.ts'
import type { StretchEnd } from './middleware.ts'
import type { StandardSchema } from './standard-schema.ts'
import { task, type Task } from './task.ts'

declare const engine: FlowEngine
declare const schema: StandardSchema<{ days?: number }, { days: number }>

const load = task('load', { weight: 2 }, async (url: string, tries?: number) => `${url}${String(tries)}`)
expectTypeOf(load).toEqualTypeOf<Task<[url: string, tries?: number], string>>()

const typed = flow('typed', { input: schema }, async ({ days }) => {
  expectTypeOf(days).toEqualTypeOf<number>()
  const pages = await map('pages', ['a', 'b'], (url) => load(url), { key: (url) => url })
  expectTypeOf(pages).toEqualTypeOf<string[]>()
  const settled = await map('settled', [1, 2], (n) => load(String(n)), { settle: { maxFailures: 1 } })
  expectTypeOf(settled).toEqualTypeOf<Settled<string>[]>()
  expectTypeOf(await map('all of them', [1], (n) => n, { settle: true })).toEqualTypeOf<Settled<number>[]>()
  return step('count', () => pages.length)
})
expectTypeOf(typed).toEqualTypeOf<Flow<{ days?: number }, number>>()

flow('explicit', async (input: string, ctx) => {
  expectTypeOf(await ctx.call(load, input, 2)).toEqualTypeOf<string>()
  expectTypeOf(await ctx.all({ a: ({ step: own }) => own('b', () => 1), c: () => 'd' })).toEqualTypeOf<{
    a: number
    c: string
  }>()
  expectTypeOf(await ctx.map('e', [1], (n, _index, item) => item.call(load, String(n)))).toEqualTypeOf<string[]>()
  expectTypeOf(await ctx.map('f', [1], (n) => n, { settle: true })).toEqualTypeOf<Settled<number>[]>()
  // @ts-expect-error -- the task takes text
  await ctx.call(load, 1)
})

const handle = engine.triggerFlow(typed, { input: { days: 1 } })
expectTypeOf(handle).toEqualTypeOf<Promise<RunHandle<number>>>()

task(
  'book',
  {
    compensate: (seat, row) => {
      expectTypeOf(seat).toEqualTypeOf<string>()
      expectTypeOf(row).toEqualTypeOf<number>()
    },
  },
  (row: number) => Promise.resolve(`seat in ${String(row)}`),
)
task('pair', { weight: (first) => first, compensate: (sum) => void sum.toFixed() }, (a: number, b: number) => a + b)
void step('book', { compensate: (seat) => void expectTypeOf(seat).toEqualTypeOf<string>() }, () => 'seat')
// @ts-expect-error -- the result is a number
task('book', { compensate: (seat: string) => void seat }, () => 1)

// @ts-expect-error -- the input of the flow has no such type
void engine.triggerFlow(typed, { input: { days: 'one' } })
// @ts-expect-error -- the task takes text
void load(1)
// @ts-expect-error -- a weight is a number or a function of the arguments
task('a', { weight: 'heavy' }, () => 1)
// @ts-expect-error -- the number of items that may fail is a number
void map('a', [1], (n) => n, { settle: { maxFailures: 'few' } })
// @ts-expect-error -- no such unit of time
task('b', { timeout: '3 weeks' }, () => 1)

flow('hooked', { input: schema, onSuccess: ({ result }) => expectTypeOf(result).toEqualTypeOf<number>() }, () => 42)
// @ts-expect-error -- the result of the flow has no such type
flow('wrong', { onSuccess: ({ result }: SuccessEvent<string>) => result }, () => 42)

engine.use({ run: async (_, next) => expectTypeOf(await next()).toEqualTypeOf<StretchEnd>() })
// @ts-expect-error -- a middleware tells when it is done
engine.use({ task: (_, next) => void next() })
