import { PerfectError } from '../errors/perfect-error.ts'
import { toMs, type Duration } from '../primitives/duration.ts'
import { current, flowScope } from './ambient.ts'
import type { FlowScope } from './flow-scope.ts'
import { checkTaskName } from './names.ts'
import type { TaskContext } from './task-context.ts'
import { toTaskDefinition, type TaskOptions } from './task.ts'

/** Options of a task that is written where it is called. */
export type StepOptions<R = unknown> = Omit<TaskOptions<[], R>, 'key'> & {
  /** Names the call instead of its count, for calls that run side by side. */
  readonly key?: string
}

/**
 * A task that is written where it is called: its result is a checkpoint.
 *
 * @throws {PerfectError} TASK_DEFINITION_INVALID, WEIGHT_INVALID, RETRY_INVALID, DURATION_INVALID, TASK_KEY_AMBIGUOUS, TASK_KEY_DUPLICATE
 * @example
 * ```ts
 * const total = await step('sum', () => pages.join('').length)
 * ```
 */
export function step<R>(name: string, run: (context: TaskContext) => R | Promise<R>): Promise<Awaited<R>>
export function step<R>(
  name: string,
  options: StepOptions<NoInfer<Awaited<R>>>,
  run: (context: TaskContext) => R | Promise<R>,
): Promise<Awaited<R>>
export async function step<R>(name: string, ...rest: StepCode<R>): Promise<Awaited<R>> {
  return stepIn(flowScope(), name, rest)
}

type StepCode<R> =
  | readonly [(context: TaskContext) => R | Promise<R>]
  | readonly [StepOptions<Awaited<R>>, (context: TaskContext) => R | Promise<R>]

/** A step in a scope, or plainly outside of a run. */
export async function stepIn<R>(around: FlowScope | undefined, name: string, rest: StepCode<R>): Promise<Awaited<R>> {
  const [{ key, ...options }, run]: readonly [StepOptions<Awaited<R>>, (context: TaskContext) => R | Promise<R>] =
    rest.length === 1 ? [{}, rest[0]] : rest
  const withKey = key === undefined ? options : { ...options, key: () => key }
  const definition = toTaskDefinition<[], Awaited<R>>(name, withKey, () => run(current()))
  return (around ? await around.call(definition, []) : await run(current())) as Awaited<R>
}

/**
 * Runs code in a scope of its own, so that its task names are counted apart from those around it.
 *
 * @example
 * ```ts
 * await Promise.all([scope('left', () => twoSteps()), scope('right', () => twoSteps())])
 * ```
 */
export async function scope<R>(name: string, run: () => R | Promise<R>): Promise<Awaited<R>> {
  return scopeIn(flowScope(), name, run)
}

/** Code in a scope within a scope, or plainly outside of a run. */
export async function scopeIn<R>(
  around: FlowScope | undefined,
  name: string,
  run: (inside: FlowScope | undefined) => R | Promise<R>,
): Promise<Awaited<R>> {
  checkTaskName(name)
  const runInside = async (inside?: FlowScope): Promise<Awaited<R>> => {
    const result = await run(inside)
    return result
  }
  return around ? around.inScope(name, runInside) : runInside()
}

/**
 * Runs functions side by side, each in a scope that has the name of its property, and gives their results under the same names.
 *
 * @typeParam T The functions by name.
 * @example
 * ```ts
 * const { users, orders } = await all({ users: () => load('users'), orders: () => load('orders') })
 * ```
 */
export async function all<T extends Readonly<Record<string, () => unknown>>>(
  branches: T,
): Promise<{ -readonly [K in keyof T]: Awaited<ReturnType<T[K]>> }> {
  return allIn<T, []>(flowScope(), branches, () => [])
}

/** Branches in a scope, or plainly outside of a run. */
export async function allIn<T extends Readonly<Record<string, (...given: A) => unknown>>, A extends unknown[]>(
  around: FlowScope | undefined,
  branches: T,
  given: (inside: FlowScope | undefined) => A,
): Promise<{ -readonly [K in keyof T]: Awaited<ReturnType<T[K]>> }> {
  const results = await Promise.all(
    Object.entries(branches).map(
      async ([name, run]) => [name, await scopeIn(around, name, (inside) => run(...given(inside)))] as const,
    ),
  )
  return Object.fromEntries(results) as { -readonly [K in keyof T]: Awaited<ReturnType<T[K]>> }
}

/**
 * Waits. Inside a flow the end is fixed at the first call and survives a crash; a long wait holds no memory and no slot.
 *
 * @param until How long, or until when.
 * @throws {PerfectError} DURATION_INVALID
 */
export async function sleep(until: Duration | Date): Promise<void> {
  return sleepIn(flowScope(), until)
}

/** A sleep in a scope, or plainly outside of a run. */
export async function sleepIn(around: FlowScope | undefined, until: Duration | Date): Promise<void> {
  const wake = until instanceof Date ? { at: toInstant(until) } : { afterMs: toMs(until, 'sleep') }
  if (around) return around.sleep(wake)
  const delayMs = 'at' in wake ? wake.at - Date.now() : wake.afterMs
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, delayMs)))
}

function toInstant(date: Date): number {
  if (!Number.isNaN(date.getTime())) return date.getTime()
  throw new PerfectError(
    'DURATION_INVALID',
    '"sleep" got an invalid Date. Give a valid one, or a duration such as "1h".',
    {
      details: { field: 'sleep', value: 'Invalid Date' },
    },
  )
}
