import { figure, type Comparison } from '../harness/comparison.ts'

/** Runs of a remote worker. */
export const remoteRuns: Comparison = {
  name: 'remote-runs',
  title:
    'small runs of one worker in another process over WebSocket on loopback, memory storage; dispatch is timed with one run at a time',
  load: { runs: 10_000, concurrency: 200, warmUp: 5000 },
  smallLoad: { runs: 20, concurrency: 4, warmUp: 0 },
  rounds: 3,
  sides: { engine: new URL('engine.ts', import.meta.url) },
  targets: [
    {
      what: 'runs of one engine',
      unit: 'runs/s',
      wants: 'at least',
      limit: 5000,
      of: (round) => figure(round, 'engine', 'runsPerSecond'),
    },
    {
      what: 'from the request to the start in the worker, half of all runs',
      unit: 'ms',
      wants: 'at most',
      limit: 1,
      of: (round) => figure(round, 'engine', 'dispatchMs'),
    },
  ],
}
