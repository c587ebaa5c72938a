/* What the types must infer, and what they must refuse; checked by the compiler, never run. */
import { expectTypeOf } from 'vitest'

import type { StandardSchema } from '../definition/standard-schema.ts'
import type { Task } from '../definition/task.ts'
import type { ProcessResult } from './run-process.ts'
import { task } from './task.ts'

declare const schema: StandardSchema<{ rows: number }>

const fixed = task.process('fixed', { command: 'true' })
expectTypeOf(fixed).toEqualTypeOf<Task<[], ProcessResult>>()

const called = task.process('called', { command: 'convert', args: (from: string, to: string) => [from, to], weight: 2 })
expectTypeOf(called).toEqualTypeOf<Task<[from: string, to: string], ProcessResult>>()

const typed = task.process('typed', {
  command: 'count',
  args: (table: string) => [table],
  result: schema,
  compensate: (result, table) => {
    expectTypeOf(result).toEqualTypeOf<{ rows: number }>()
    expectTypeOf(table).toEqualTypeOf<string>()
  },
})
expectTypeOf(typed).toEqualTypeOf<Task<[table: string], { rows: number }>>()

expectTypeOf(task.process<[], { rows: number }>('said', { command: 'count' })()).toEqualTypeOf<
  Promise<{ rows: number }>
>()

// @ts-expect-error -- arguments of a program are texts
task.process('number', { command: 'sleep', args: [1] })
// @ts-expect-error -- a program needs a command
task.process('nothing', {})
