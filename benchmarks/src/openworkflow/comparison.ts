import { durableRuns } from '../durable-runs/comparison.ts'
import { ratio, type Comparison } from '../harness/comparison.ts'

/** The same runs on the peer that keeps its runs in SQLite, too. It is installed when it is first asked for. */
export const againstOpenworkflow: Comparison = {
  name: 'openworkflow',
  title: 'durable runs of 3 tasks, 100 at once, against openworkflow on SQLite, both with synchronous=FULL',
  load: { runs: 1000, concurrency: 100, warmUp: 200 },
  smallLoad: { runs: 20, concurrency: 10, warmUp: 0 },
  rounds: 5,
  prepare: new URL('install.ts', import.meta.url),
  sides: {
    openworkflow: new URL('peer.ts', import.meta.url),
    // As many as it takes to measure it for as long: it is that much faster.
    engine: {
      script: new URL('../durable-runs/engine.ts', import.meta.url),
      load: durableRuns.load,
      smallLoad: durableRuns.smallLoad,
    },
  },
  targets: [
    {
      what: 'runs per second, engine / openworkflow',
      unit: 'x',
      wants: 'at least',
      limit: 30,
      of: (round) => ratio(round, 'runsPerSecond', 'engine', 'openworkflow'),
    },
  ],
}
