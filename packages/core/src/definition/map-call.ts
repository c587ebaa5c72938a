/* `map`: a function for each item, with the failures thrown or collected. */
import type { ErrorDetails } from '../errors/perfect-error.ts'
import { PerfectError } from '../errors/perfect-error.ts'
import { serializeError } from '../errors/serialized-error.ts'
import { runLanes, type LaneResults, type Settled } from '../primitives/run-lanes.ts'
import { flowScope } from './ambient.ts'
import type { FlowScope, MapOptions, SettleOptions } from './flow-scope.ts'
import { checkTaskName } from './names.ts'
import { checkWeight } from './task.ts'

const DEFAULT_CONCURRENCY = 16
// Enough to see what is wrong; all of them are in the log.
const SHOWN_ERRORS = 3

/** Options of a `map` that collects the items that fail instead of throwing the first failure. */
export type SettledMapOptions<T> = MapOptions<T> & {
  /** How many items may fail; `true`: any number. */
  readonly settle: true | SettleOptions
}

/**
 * Runs a function for each item, each in a scope of its own, so that task names are counted per item. Gives the results in the order
 * of the items. After a first failure no further item starts; those that run are waited for; then the failure is thrown.
 *
 * With `settle`, items that fail are collected: the result tells of each item, in their order, `{ ok: true, value }` or
 * `{ ok: false, error }`. As soon as more items have failed than may, no further item starts; those that run are waited for; then
 * MAP_FAILED is thrown.
 *
 * @throws {PerfectError} TASK_KEY_DUPLICATE when two items have the same key; TASK_DEFINITION_INVALID for options out of their range;
 *   MAP_FAILED when more items failed than `settle` allows.
 * @example
 * ```ts
 * const pages = await map('pages', urls, (url) => fetchPage(url), { key: (url) => url, concurrency: 8 })
 * ```
 */
export function map<T, R>(
  name: string,
  items: readonly T[],
  run: (item: T, index: number) => R | Promise<R>,
  options: SettledMapOptions<T>,
): Promise<Settled<Awaited<R>>[]>
export function map<T, R>(
  name: string,
  items: readonly T[],
  run: (item: T, index: number) => R | Promise<R>,
  options?: MapOptions<T>,
): Promise<Awaited<R>[]>
export async function map<T, R>(
  name: string,
  items: readonly T[],
  run: (item: T, index: number) => R | Promise<R>,
  options: MapOptions<T> | SettledMapOptions<T> = {},
): Promise<Awaited<R>[] | Settled<Awaited<R>>[]> {
  return mapIn(flowScope(), { name, items: [...items], run, options })
}

/** A call of `map`; `run` gets the scope of its item, undefined outside of a run. */
interface MapCall<T, R> {
  readonly name: string
  readonly items: readonly T[]
  readonly run: (item: T, index: number, scope: FlowScope | undefined) => R | Promise<R>
  readonly options: MapOptions<T> | SettledMapOptions<T>
}

/** Runs a map in a scope, or plainly outside of a run. */
export async function mapIn<T, R>(
  around: FlowScope | undefined,
  { name, items, run, options }: MapCall<T, R>,
): Promise<Awaited<R>[] | Settled<Awaited<R>>[]> {
  const { concurrency, settle } = checkOptions(name, options)
  const mayStart = settle ? mayStartUnder(settle, items.length) : (failures: number): boolean => failures === 0
  const runItem = async (item: T, index: number, scope?: FlowScope): Promise<Awaited<R>> => {
    const result = await run(item, index, scope)
    return result
  }
  const lanes = { concurrency, mayStart }
  const results = around
    ? await around.map({ name, items, run: runItem, options }, lanes)
    : await runLanes(items, (item, index) => runItem(item, index), lanes)
  if (!settle) return valuesOf(results)
  if (mayStart(results.failed.length)) return results.settled.filter((item) => item !== undefined)
  throw mapFailed(name, results, { settle, keyOf: (index) => keyOf(items, index, options) })
}

function checkOptions<T>(
  name: string,
  options: MapOptions<T> & { readonly settle?: true | SettleOptions },
): { readonly concurrency: number; readonly settle: SettleOptions | null } {
  checkTaskName(name)
  if (options.weight !== undefined) checkWeight(options.weight, name)
  const concurrency = checkWhole(name, 'concurrency', options.concurrency ?? DEFAULT_CONCURRENCY, 1)
  if (options.settle === undefined) return { concurrency, settle: null }
  const settle = options.settle === true ? {} : options.settle
  checkWhole(name, 'settle.minSuccesses', settle.minSuccesses ?? 0, 0)
  checkWhole(name, 'settle.maxFailures', settle.maxFailures ?? 0, 0)
  return { concurrency, settle }
}

function checkWhole(name: string, field: string, value: number, min: number): number {
  if (Number.isInteger(value) && value >= min) return value
  throw new PerfectError(
    'TASK_DEFINITION_INVALID',
    `"${field}" of map "${name}" is ${String(value)}. Give a whole number >= ${String(min)}.`,
    { details: { field, name, value: String(value) } },
  )
}

function mayStartUnder({ minSuccesses = 0, maxFailures = Infinity }: SettleOptions, count: number) {
  const tolerated = Math.min(maxFailures, count - minSuccesses)
  return (failures: number): boolean => failures <= tolerated
}

function keyOf<T>(items: readonly T[], index: number, { key }: MapOptions<T>): string {
  const [item] = items.slice(index, index + 1)
  return String(item === undefined ? index : (key?.(item, index) ?? index))
}

function valuesOf<R>({ settled, failed: [first] }: LaneResults<R>): R[] {
  const failure = first === undefined ? undefined : settled[first]
  // What was thrown may be any value, even undefined.
  if (failure?.ok === false) throw failure.error
  return settled.flatMap((item) => (item?.ok ? [item.value] : []))
}

function mapFailed<R>(
  name: string,
  { settled, failed }: LaneResults<R>,
  { settle, keyOf: keyOfIndex }: { readonly settle: SettleOptions; readonly keyOf: (index: number) => string },
): PerfectError<'MAP_FAILED'> {
  const errors = failed.flatMap((index) => {
    const item = settled[index]
    return item?.ok === false ? [{ item: keyOfIndex(index), thrown: item.error }] : []
  })
  const shown = errors.slice(0, SHOWN_ERRORS).map(({ item, thrown }) => {
    const { message, code } = serializeError(thrown)
    return { item, message, code }
  })
  const counts = {
    items: settled.length,
    failed: failed.length,
    succeeded: settled.filter((item) => item?.ok).length,
    notStarted: settled.filter((item) => item === undefined).length,
  }
  const details: ErrorDetails = { name, ...counts, ...settle, errors: shown }
  return new PerfectError('MAP_FAILED', messageOf(name, counts, { settle, shown }), {
    details,
    ...(errors[0] && { cause: errors[0].thrown }),
  })
}

function messageOf(
  name: string,
  counts: Readonly<Record<'items' | 'failed' | 'succeeded' | 'notStarted', number>>,
  { settle, shown }: { readonly settle: SettleOptions; readonly shown: readonly { item: string; message: string }[] },
): string {
  const rules = [
    ...(settle.maxFailures === undefined ? [] : [`at most ${String(settle.maxFailures)} may fail`]),
    ...(settle.minSuccesses === undefined ? [] : [`at least ${String(settle.minSuccesses)} must succeed`]),
  ]
  const { items, failed, succeeded, notStarted } = counts
  const first = shown.map(({ item, message }) => ` [${item}] ${message}`).join(';')
  return (
    `Map "${name}": ${String(failed)} of ${String(items)} items failed, ${String(succeeded)} succeeded, ${String(notStarted)} did not start; ` +
    `${rules.join(' and ')}.${first === '' ? '' : ` First failures:${first}`}`
  )
}
