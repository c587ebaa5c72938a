import { figure, type Comparison } from '../harness/comparison.ts'

/** Tasks one after the other: each waits until the one before it is on the disk. */
export const sequentialTasks: Comparison = {
  name: 'sequential-tasks',
  title: 'runs of 50 tasks one after the other, SQLite FULL, alone, against a durable commit of one row',
  load: { runs: 60, concurrency: 1, warmUp: 100 },
  smallLoad: { runs: 2, concurrency: 1, warmUp: 0 },
  rounds: 9,
  sides: { floor: new URL('floor.ts', import.meta.url), engine: new URL('engine.ts', import.meta.url) },
  targets: [
    {
      what: 'time of a task over that of a durable commit',
      unit: 'x',
      wants: 'at most',
      limit: 1.25,
      of: (round) => figure(round, 'engine', 'msPerTask') / figure(round, 'floor', 'msPerCommit'),
    },
  ],
}
