/* Limits of flows and tasks: what users write, checked. */
import { PerfectError } from '../errors/perfect-error.ts'
import { toMs, type Duration } from '../primitives/duration.ts'

/** How many runs of a flow may run at a time. Kept over all engines that share a storage. */
export interface FlowConcurrencyOptions {
  /** Runs of the flow. Range: >= 1. Default: any number. */
  readonly limit?: number
  /** Runs of the flow with the same key. Each key gets its turn, however long the line of another one is. */
  readonly perKey?: {
    /** Range: >= 1. */
    readonly limit: number
    /** Key of a run, by its input. */
    readonly key: (input: never) => string
  }
}

/** How often something may start. */
export interface RateOptions {
  /** Starts in any stretch of `per`. Range: 1..10,000. */
  readonly limit: number
  readonly per: Duration
}

/** How many calls of a task may run at a time, over all runs and engines that share a storage. */
export interface TaskConcurrencyOptions<A extends readonly unknown[]> {
  /** Range: >= 1. */
  readonly limit: number
  /** Calls with the same key share the limit. Default: all calls of the task do. */
  readonly key?: (...args: A) => string
}

/** How often a task may start, over all runs and engines that share a storage. */
export interface TaskRateOptions<A extends readonly unknown[]> extends RateOptions {
  /** Calls with the same key share the rate. Default: all calls of the task do. */
  readonly key?: (...args: A) => string
}

/** A limit of runs with the same key. */
export interface KeyLimit {
  readonly max: number
  /** Key of a run with this input. */
  readonly keyOf: (input: unknown) => string
  /** Field of the input that it is; null when it is more than that. */
  readonly field: string | null
}

/** Checked limits of a flow. */
export interface FlowLimits {
  readonly max: number | null
  readonly perKey: KeyLimit | null
  readonly rate: { readonly max: number; readonly perMs: number } | null
}

/** A limit of a task call. */
export type TaskLimit =
  | { readonly key: string; readonly max: number }
  | { readonly key: string; readonly max: number; readonly perMs: number }

const MAX_RATE = 10_000
const MAX_KEY_CHARS = 200

/** @throws {PerfectError} FLOW_DEFINITION_INVALID, DURATION_INVALID */
export function toFlowLimits(
  flow: string,
  concurrency: number | FlowConcurrencyOptions | undefined,
  rateLimit: RateOptions | undefined,
): FlowLimits | null {
  if (concurrency === undefined && rateLimit === undefined) return null
  const { limit, perKey }: FlowConcurrencyOptions =
    typeof concurrency === 'number' ? { limit: concurrency } : (concurrency ?? {})
  const check = checker('FLOW_DEFINITION_INVALID', `flow "${flow}"`)
  return Object.freeze({
    max: limit === undefined ? null : check('concurrency.limit', limit),
    perKey: perKey
      ? {
          max: check('concurrency.perKey.limit', perKey.limit),
          keyOf: (input) => checkKey(perKey.key(input as never), `flow "${flow}"`),
          field: null,
        }
      : null,
    rate: rateLimit
      ? { max: check('rateLimit.limit', rateLimit.limit, MAX_RATE), perMs: toMs(rateLimit.per, 'rateLimit.per') }
      : null,
  })
}

/** @throws {PerfectError} TASK_DEFINITION_INVALID, DURATION_INVALID */
export function toTaskLimits<A extends readonly unknown[]>(
  task: string,
  concurrency: number | TaskConcurrencyOptions<A> | undefined,
  rateLimit: TaskRateOptions<A> | undefined,
): ((args: A) => readonly TaskLimit[]) | null {
  if (concurrency === undefined && rateLimit === undefined) return null
  const what = `task "${task}"`
  const check = checker('TASK_DEFINITION_INVALID', what)
  const slots = typeof concurrency === 'number' ? { limit: concurrency } : concurrency
  const max = slots && check('concurrency.limit', slots.limit)
  const rate = rateLimit && {
    max: check('rateLimit.limit', rateLimit.limit, MAX_RATE),
    perMs: toMs(rateLimit.per, 'rateLimit.per'),
  }
  const keyOf = (kind: string, key: ((...args: A) => string) | undefined, args: A): string =>
    key === undefined ? `${kind}:${task}` : `${kind}:${task}:${checkKey(key(...args), what)}`
  return (args) => [
    ...(max === undefined ? [] : [{ key: keyOf('task', slots && 'key' in slots ? slots.key : undefined, args), max }]),
    ...(rate ? [{ key: keyOf('task-rate', rateLimit.key, args), ...rate }] : []),
  ]
}

function checker(code: 'FLOW_DEFINITION_INVALID' | 'TASK_DEFINITION_INVALID', what: string) {
  return (field: string, value: number, max = Number.MAX_SAFE_INTEGER): number => {
    if (Number.isInteger(value) && value >= 1 && value <= max) return value
    const range = max === Number.MAX_SAFE_INTEGER ? '>= 1' : `from 1 to ${String(max)}`
    throw new PerfectError(code, `"${field}" of ${what} is ${String(value)}. Give a whole number ${range}.`, {
      details: { field, value: String(value) },
    })
  }
}

/** @throws {PerfectError} REQUEST_INVALID */
function checkKey(key: unknown, what: string): string {
  if (typeof key === 'string' && key.length <= MAX_KEY_CHARS && key.isWellFormed() && !key.includes('\0')) return key
  throw new PerfectError(
    'REQUEST_INVALID',
    `The key of the limit of ${what} must be text of at most ${String(MAX_KEY_CHARS)} characters. Give for example the id of a customer.`,
    { details: { field: 'key' } },
  )
}
