import { figure, type Comparison } from '../harness/comparison.ts'

/** What a host pays for having the engine: time to load it, and memory for what is alive. */
export const footprint: Comparison = {
  name: 'footprint',
  title: 'import of the built package in a fresh process; heap of the host per running run and per subscriber',
  // As many before as are measured: compiled code is no part of a run.
  load: { runs: 5000, concurrency: 5000, warmUp: 5000 },
  smallLoad: { runs: 50, concurrency: 50, warmUp: 0 },
  rounds: 5,
  prepare: new URL('build.ts', import.meta.url),
  isFolderShared: true,
  sides: {
    import: new URL('import.ts', import.meta.url),
    runs: new URL('runs.ts', import.meta.url),
    subscribers: new URL('subscribers.ts', import.meta.url),
  },
  targets: [
    {
      what: 'import of @perfect/core',
      unit: 'ms',
      wants: 'at most',
      limit: 30,
      of: (round) => figure(round, 'import', 'ms'),
    },
    {
      what: 'heap per running run',
      unit: 'KiB',
      wants: 'at most',
      limit: 4,
      of: (round) => figure(round, 'runs', 'kib'),
    },
    {
      what: 'heap per subscriber',
      unit: 'KiB',
      wants: 'at most',
      limit: 1,
      of: (round) => figure(round, 'subscribers', 'kib'),
    },
  ],
}
