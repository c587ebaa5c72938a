import type { Comparison } from '../harness/compare.ts'

/** Runs of three tiny tasks, on SQLite with full durability. */
export const durableRuns: Comparison = {
  name: 'durable-runs',
  title: 'durable runs of 3 tasks, SQLite FULL, 100 at once, against a bare group commit of the same rows',
  load: { runs: 10_000, concurrency: 100 },
  rounds: 5,
  floor: new URL('floor.ts', import.meta.url),
  subject: new URL('engine.ts', import.meta.url),
}
