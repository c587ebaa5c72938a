/** What became of one item: its result, or what it threw. */
export type Settled<R> = { readonly ok: true; readonly value: R } | { readonly ok: false; readonly error: unknown }

/** How items are run. */
export interface LaneOptions {
  /** Items that run at the same time. Range: >= 1. */
  readonly concurrency: number
  /** Whether further items may start after so many failures. Asked before each one. */
  readonly mayStart: (failures: number) => boolean
}

/** What became of the items. */
export interface LaneResults<R> {
  /** In the order of the items; undefined for those that did not start. */
  readonly settled: readonly (Settled<R> | undefined)[]
  /** The items that failed, by their index, in the order in which they did. */
  readonly failed: readonly number[]
}

/** Runs items side by side. When no further item may start, those that run are waited for. Never throws what an item threw. */
export async function runLanes<T, R>(
  items: readonly T[],
  run: (item: T, index: number) => Promise<R>,
  { concurrency, mayStart }: LaneOptions,
): Promise<LaneResults<R>> {
  const settled: (Settled<R> | undefined)[] = items.map(() => undefined)
  const failed: number[] = []
  const rest = items.entries()
  const lane = async (): Promise<void> => {
    while (mayStart(failed.length)) {
      const next = rest.next()
      if (next.done) return
      const [index, item] = next.value
      const result = await attempt(() => run(item, index))
      settled[index] = result
      if (!result.ok) failed.push(index)
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, lane))
  return { settled, failed }
}

async function attempt<R>(run: () => Promise<R>): Promise<Settled<R>> {
  try {
    return { ok: true, value: await run() }
  } catch (error) {
    return { ok: false, error }
  }
}
