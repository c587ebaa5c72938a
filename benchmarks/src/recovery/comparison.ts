import { figure, type Comparison } from '../harness/comparison.ts'

/** `kill -9` in the middle of many runs, and a new start. */
export const recovery: Comparison = {
  name: 'recovery',
  title: 'runs of 3 tasks of 50 ms, killed half way through, until a new process has ended them all; SQLite FULL',
  load: { runs: 200, concurrency: 100, warmUp: 0 },
  smallLoad: { runs: 10, concurrency: 10, warmUp: 0 },
  rounds: 5,
  sides: { engine: new URL('engine.ts', import.meta.url) },
  targets: [
    {
      what: 'time from the start of the new process to the end of the last run',
      unit: 's',
      wants: 'at most',
      limit: 1.5,
      of: (round) => figure(round, 'engine', 'seconds'),
    },
    {
      what: 'tasks run once more although they had ended',
      unit: 'tasks',
      wants: 'at most',
      limit: 0,
      of: (round) => figure(round, 'engine', 'repeatedAfterEnd'),
    },
    {
      what: 'tasks run once more because they were in flight',
      unit: 'tasks',
      wants: 'at most',
      limit: 100,
      of: (round) => figure(round, 'engine', 'repeatedInFlight'),
    },
  ],
}
