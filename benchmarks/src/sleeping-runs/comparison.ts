import { figure, type Comparison } from '../harness/comparison.ts'

/** An engine whose storage is full of runs that sleep. */
export const sleepingRuns: Comparison = {
  name: 'sleeping-runs',
  title: 'start of an engine on SQLite with runs that sleep; load is the number of sleeping runs',
  load: { runs: 1_000_000, concurrency: 100, warmUp: 0 },
  smallLoad: { runs: 2000, concurrency: 100, warmUp: 0 },
  rounds: 5,
  prepare: new URL('fill.ts', import.meta.url),
  isFolderShared: true,
  sides: { engine: new URL('engine.ts', import.meta.url) },
  targets: [
    {
      what: 'start of the engine',
      unit: 'ms',
      wants: 'at most',
      limit: 10_000,
      of: (round) => figure(round, 'engine', 'startMs'),
    },
    {
      what: 'memory of the process',
      unit: 'MiB',
      wants: 'at most',
      limit: 300,
      of: (round) => figure(round, 'engine', 'rssMib'),
    },
  ],
}
