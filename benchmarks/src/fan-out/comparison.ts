import { ratio, type Comparison } from '../harness/comparison.ts'

/** A run that fans out to many tasks and joins them. */
export const fanOut: Comparison = {
  name: 'fan-out',
  title: 'runs of 100 tasks at once and a join, SQLite FULL, alone, against a bare group commit of the same rows',
  load: { runs: 300, concurrency: 1, warmUp: 300 },
  smallLoad: { runs: 2, concurrency: 1, warmUp: 0 },
  rounds: 9,
  sides: { floor: new URL('floor.ts', import.meta.url), engine: new URL('engine.ts', import.meta.url) },
  targets: [
    {
      what: 'time of a run, engine / floor',
      unit: 'x',
      wants: 'at most',
      limit: 2,
      of: (round) => ratio(round, 'msPerRun', 'engine', 'floor'),
    },
  ],
}
