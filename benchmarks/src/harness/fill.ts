import type { RunRecord, Storage } from '@perfect/core'

const BATCH = 2000

/** Fills a storage with many runs, in large transactions. */
export async function fill(storage: Storage, count: number, make: (index: number) => RunRecord): Promise<void> {
  await storage.open()
  let last: Promise<unknown> = Promise.resolve()
  for (let from = 0; from < count; from += BATCH) {
    const runs = Array.from({ length: Math.min(BATCH, count - from) }, (_, index) => make(from + index))
    const stored = storage.commit(runs.map((run) => ({ type: 'run.create', run, input: '{"n":1}' })))
    await last
    last = stored
  }
  await last
  await storage.close()
}

/** An identifier of the engine's form, in the order of its index. */
export function runIdAt(index: number): string {
  return `run_${String(index).padStart(26, '0')}`
}
