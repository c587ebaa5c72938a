import { ratio, type Comparison, type Target } from '../harness/comparison.ts'

function atLeast(what: string, limit: number): Target {
  return {
    what: `${what} a second, API / bare route`,
    unit: 'x',
    wants: 'at least',
    limit,
    of: (round) => ratio(round, `${what}PerSecond`, 'api', 'bare'),
  }
}

/** Requests a second of the API, against bare Hono routes that do the same work on SQLite and nothing else. */
export const apiLoad: Comparison = {
  name: 'api-load',
  title: 'list of 50 runs, one run, and durable triggers over HTTP, 32 at once, SQLite FULL, against bare Hono routes',
  // In their first second both sides reach half of this, until V8 has compiled them.
  load: { runs: 10_000, concurrency: 32, warmUp: 10_000 },
  smallLoad: { runs: 20, concurrency: 4, warmUp: 5 },
  rounds: 5,
  sides: { bare: new URL('bare.ts', import.meta.url), api: new URL('api.ts', import.meta.url) },
  targets: [atLeast('triggers', 0.6)],
}
