import { figure, ratio, type Comparison } from '../harness/comparison.ts'

/** What those who follow live events cost the runs, and how soon they hear. */
export const livePush: Comparison = {
  name: 'live-push',
  title:
    '1,000 events a second of 100 runs, SQLite FULL: alone, and followed by 500 readers (one run each) and 5,000 idle ones, half by SSE, half by WebSocket',
  load: { runs: 500, concurrency: 500, warmUp: 100 },
  smallLoad: { runs: 10, concurrency: 10, warmUp: 2 },
  rounds: 3,
  sides: { alone: new URL('alone.ts', import.meta.url), followed: new URL('followed.ts', import.meta.url) },
  targets: [
    {
      what: 'end of a task to its reader, p99',
      unit: 'ms',
      wants: 'at most',
      limit: 50,
      of: (round) => figure(round, 'followed', 'toReaderP99Ms'),
    },
    {
      what: 'delay of the event loop that drives the runs, p99',
      unit: 'ms',
      wants: 'at most',
      limit: 10,
      of: (round) => figure(round, 'followed', 'loopDelayP99Ms'),
    },
    {
      what: 'time of a run beside them, followed / alone',
      unit: 'x',
      wants: 'at most',
      limit: 1.25,
      of: (round) => ratio(round, 'runP50Ms', 'followed', 'alone'),
    },
  ],
}
