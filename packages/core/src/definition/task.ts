import { PerfectError } from '../errors/perfect-error.ts'
import { toMs, type Duration } from '../primitives/duration.ts'
import { flowScope } from './ambient.ts'
import { toTaskLimits, type TaskConcurrencyOptions, type TaskLimit, type TaskRateOptions } from './limits.ts'
import { checkTaskName } from './names.ts'
import { toRetryPolicy, type RetryOptions, type RetryPolicy } from './retry.ts'

/** How the result of a task is kept for other calls. */
export interface CacheOptions<A extends readonly unknown[]> {
  /** Calls of the task with the same key share the result. */
  readonly key: (...args: A) => string
  /** How old a result may be. */
  readonly ttl: Duration
}

/** A checked cache. */
export interface TaskCache {
  /** Key of a call with these arguments, over all tasks. */
  readonly keyOf: (args: readonly unknown[]) => string
  readonly ttlMs: number
}

/** How a task is weighted, tried and named. */
export interface TaskOptions<A extends readonly unknown[] = readonly unknown[], R = unknown> {
  /**
   * Share of the flow's progress that one call stands for, relative to the others: a number, or a function of the arguments.
   *
   * Range: > 0. Default: 1.
   * @throws {PerfectError} WEIGHT_INVALID when not a finite number above 0.
   */
  readonly weight?: number | ((...args: A) => number)
  /** How long one call usually takes: moves the progress bar while the task reports nothing, up to 95 % of its share. Default: none. */
  readonly estimatedTime?: Duration | ((...args: A) => Duration)
  /** Attempts in all, or the whole policy. Default: 1 attempt. */
  readonly retry?: number | RetryOptions
  /** Longest time of one attempt; its signal is aborted then and the attempt fails with TASK_TIMEOUT. Default: none. */
  readonly timeout?: Duration
  /** Names a call by its arguments instead of by its count, for calls that run side by side. Must differ between calls in one scope. */
  readonly key?: (...args: A) => string | number
  /**
   * `false`: the code runs at most once, even if the process dies. Each attempt is recorded before it starts; one that was interrupted (by a
   * crash, a timeout, a forced end) fails with TASK_OUTCOME_UNKNOWN and is never tried again. What the code itself throws is retried as
   * `retry` says. Default: true.
   */
  readonly idempotent?: boolean
  /** Calls that may run at a time. Kept over all runs and engines that share a storage. Default: any number. */
  readonly concurrency?: number | TaskConcurrencyOptions<A>
  /** How often calls may start. Kept over all runs and engines that share a storage. Default: at once. */
  readonly rateLimit?: TaskRateOptions<A>
  /** Keeps the result for other calls with this key, in any run, until it is this old. Default: every call runs. */
  readonly cache?: CacheOptions<A>
  /**
   * Takes back what the task did. Called with its result and arguments when the run fails or is cancelled after the task has succeeded: the
   * last task that succeeded first. It is a durable task itself, with the `retry` and `timeout` of this one, and may run more than once.
   */
  readonly compensate?: (result: R, ...args: A) => void | Promise<void>
}

// What the function says decides, not the options. `NoInfer` would keep callbacks from taking fewer arguments.
type Later<A extends readonly unknown[]> = [A][A extends unknown ? 0 : never]

/** A checked task: what the runner needs to call it. */
export interface TaskDefinition {
  readonly name: string
  /** The function of the user. */
  readonly run: (...args: readonly unknown[]) => unknown
  /** Weight of a call with these arguments. Range: > 0. */
  readonly weightOf: (args: readonly unknown[]) => number
  readonly isWeightOfArguments: boolean
  /** Expected length of a call with these arguments; null when none was declared. Unit: ms. */
  readonly estimatedMsOf: (args: readonly unknown[]) => number | null
  /** Key of a call with these arguments; null when calls are counted. */
  readonly keyOf: ((args: readonly unknown[]) => string) | null
  readonly retry: RetryPolicy
  readonly timeoutMs: number | null
  /** Whether the code may run again when nobody knows how an attempt ended. */
  readonly isIdempotent: boolean
  /** What a call with these arguments has to keep; null when there are no limits. */
  readonly limitsOf: ((args: readonly unknown[]) => readonly TaskLimit[]) | null
  /** null when results are not kept for others. */
  readonly cache: TaskCache | null
  /** Takes back what a call with these arguments did; null when that is not needed. */
  readonly compensate: ((result: unknown, args: readonly unknown[]) => unknown) | null
}

/** A durable function: inside a flow its result is recorded once; outside it is the plain function. */
export interface Task<A extends unknown[], R> {
  (...args: A): Promise<R>
  readonly taskName: string
  readonly definition: TaskDefinition
  /** The same task with other options. */
  with(options: TaskOptions<A, R>): Task<A, R>
}

/**
 * Makes a durable task of a function. Called inside a flow, its result is a checkpoint: after a crash it is not run again.
 *
 * @throws {PerfectError} TASK_DEFINITION_INVALID, WEIGHT_INVALID, RETRY_INVALID, DURATION_INVALID
 * @example
 * ```ts
 * const fetchPage = task('fetch page', { retry: 5, timeout: '30s' }, async (url: string) => (await fetch(url)).text())
 * ```
 */
export function task<A extends unknown[], R>(name: string, run: (...args: A) => R | Promise<R>): Task<A, Awaited<R>>
export function task<A extends unknown[], R>(
  name: string,
  options: TaskOptions<Later<A>, NoInfer<Awaited<R>>>,
  run: (...args: A) => R | Promise<R>,
): Task<A, Awaited<R>>
export function task<A extends unknown[], R>(
  name: string,
  ...rest:
    | readonly [(...args: A) => R | Promise<R>]
    | readonly [TaskOptions<A, Awaited<R>>, (...args: A) => R | Promise<R>]
): Task<A, Awaited<R>> {
  const [options, run]: readonly [TaskOptions<A, Awaited<R>>, (...args: A) => R | Promise<R>] =
    rest.length === 1 ? [{}, rest[0]] : rest
  const definition = toTaskDefinition(name, options, run)
  const call = (...args: A): Promise<Awaited<R>> => {
    const scope = flowScope()
    // As if it were async, without the price of one more promise for each call.
    try {
      return (scope ? scope.call(definition, args) : Promise.resolve(run(...args))) as Promise<Awaited<R>>
    } catch (error) {
      return Promise.reject<Awaited<R>>(error)
    }
  }
  return Object.freeze(
    Object.assign(call, {
      taskName: name,
      definition,
      with: (changes: TaskOptions<A, Awaited<R>>) => task<A, R>(name, { ...options, ...changes }, run),
    }),
  )
}

/** Checks name and options of a task. */
export function toTaskDefinition<A extends unknown[], R = unknown>(
  name: string,
  options: TaskOptions<A, R>,
  run: (...args: A) => unknown,
): TaskDefinition {
  checkTaskName(name)
  if (typeof run !== 'function')
    throw new PerfectError('TASK_DEFINITION_INVALID', `Task "${name}" has no function. Give it as the last argument.`, {
      details: { field: 'run', value: typeof run },
    })
  const { weight = 1, estimatedTime, key, compensate, cache } = options
  const limits = toTaskLimits(name, options.concurrency, options.rateLimit)
  if (typeof weight !== 'function') checkWeight(weight, name)
  if (typeof estimatedTime !== 'function' && estimatedTime !== undefined) toMs(estimatedTime, 'estimatedTime')
  return Object.freeze({
    name,
    run: run as TaskDefinition['run'],
    weightOf: (args) => (typeof weight === 'function' ? checkWeight(weight(...(args as A)), name) : weight),
    isWeightOfArguments: typeof weight === 'function',
    estimatedMsOf: (args) =>
      toEstimatedMs(typeof estimatedTime === 'function' ? estimatedTime(...(args as A)) : estimatedTime),
    keyOf: key ? (args) => String(key(...(args as A))) : null,
    retry: toRetryPolicy(options.retry),
    timeoutMs: options.timeout === undefined ? null : toMs(options.timeout, 'timeout'),
    isIdempotent: options.idempotent ?? true,
    limitsOf: limits && ((args) => limits(args as A)),
    cache: cache
      ? { keyOf: (args) => `${name}:${cache.key(...(args as A))}`, ttlMs: toMs(cache.ttl, 'cache.ttl') }
      : null,
    compensate: compensate ? (result, args) => compensate(result as R, ...(args as A)) : null,
  } satisfies TaskDefinition)
}

/** @throws {PerfectError} WEIGHT_INVALID when not a finite number above 0. */
export function checkWeight(weight: unknown, name: string): number {
  if (typeof weight === 'number' && Number.isFinite(weight) && weight > 0) return weight
  throw new PerfectError(
    'WEIGHT_INVALID',
    `"weight" of "${name}" is ${String(weight)}. Give a finite number above 0.`,
    {
      details: { field: 'weight', name, value: String(weight) },
    },
  )
}

function toEstimatedMs(time: Duration | undefined): number | null {
  return time === undefined ? null : toMs(time, 'estimatedTime')
}
