import type { RunRecord, Storage } from '@perfect/core'

const BATCH = 2000
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

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

/** An identifier of the engine's form: ten characters of time, then others that keep ids of one instant apart. */
export function runIdAt(instant: number, index: number): string {
  let rest = Math.floor(instant)
  let time = ''
  for (let place = 0; place < 10; place += 1) {
    time = ALPHABET.charAt(rest % ALPHABET.length) + time
    rest = Math.floor(rest / ALPHABET.length)
  }
  return `run_${time}${String(index).padStart(16, '0')}`
}
