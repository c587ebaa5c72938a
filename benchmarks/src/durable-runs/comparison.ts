import { figure, ratio, type Comparison } from '../harness/comparison.ts'

/** Runs of three tiny tasks, on SQLite with full durability. */
export const durableRuns: Comparison = {
  name: 'durable-runs',
  title: 'durable runs of 3 tasks, SQLite FULL, 100 at once, against a bare group commit of the same rows',
  load: { runs: 30_000, concurrency: 100, warmUp: 10_000 },
  smallLoad: { runs: 50, concurrency: 10, warmUp: 10 },
  rounds: 5,
  sides: { floor: new URL('floor.ts', import.meta.url), engine: new URL('engine.ts', import.meta.url) },
  targets: [
    {
      what: 'runs per second, engine / floor',
      unit: 'x',
      wants: 'at least',
      limit: 0.6,
      of: (round) => ratio(round, 'runsPerSecond', 'engine', 'floor'),
    },
    {
      what: 'CPU time of the process per run',
      unit: 'ms',
      wants: 'at most',
      limit: 0.12,
      of: (round) => figure(round, 'engine', 'cpuMsPerRun'),
    },
    {
      what: 'delay of the event loop, p99',
      unit: 'ms',
      wants: 'at most',
      limit: 10,
      of: (round) => figure(round, 'engine', 'loopDelayP99Ms'),
    },
    {
      what: 'memory of the process',
      unit: 'MiB',
      wants: 'at most',
      limit: 120,
      of: (round) => figure(round, 'engine', 'rssMib'),
    },
  ],
}
