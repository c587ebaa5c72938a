import { figure, type Comparison } from '../harness/comparison.ts'

/** Pages of the list of runs, with the filters that people use. */
export const runLists: Comparison = {
  name: 'run-lists',
  title: 'pages of 50 runs by usual filters on SQLite; load is the number of stored runs',
  load: { runs: 1_000_000, concurrency: 1, warmUp: 0 },
  smallLoad: { runs: 3000, concurrency: 1, warmUp: 0 },
  rounds: 5,
  prepare: new URL('fill.ts', import.meta.url),
  isFolderShared: true,
  sides: { storage: new URL('queries.ts', import.meta.url) },
  targets: [
    {
      what: 'p99 of a page, by the slowest filter',
      unit: 'ms',
      wants: 'at most',
      limit: 20,
      of: (round) => figure(round, 'storage', 'slowest'),
    },
  ],
}
