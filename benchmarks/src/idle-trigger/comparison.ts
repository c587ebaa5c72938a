import { ratio, type Comparison } from '../harness/comparison.ts'

/** How long an idle engine takes from the trigger to the first line of the first task. */
export const idleTrigger: Comparison = {
  name: 'idle-trigger',
  title: 'trigger of an idle engine to its first task, SQLite FULL, against a durable commit of the run',
  load: { runs: 400, concurrency: 1, warmUp: 50 },
  smallLoad: { runs: 5, concurrency: 1, warmUp: 0 },
  rounds: 9,
  sides: { floor: new URL('floor.ts', import.meta.url), engine: new URL('engine.ts', import.meta.url) },
  targets: [
    {
      what: 'p99 of trigger to first task, engine / floor',
      unit: 'x',
      wants: 'at most',
      limit: 1.5,
      of: (round) => ratio(round, 'p99Ms', 'engine', 'floor'),
    },
  ],
}
