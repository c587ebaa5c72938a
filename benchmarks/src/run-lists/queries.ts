import type { RunQuery } from '@perfect/core'

import { fileStorage } from '../harness/engine.ts'
import { runIdAt } from '../harness/fill.ts'
import { reportFigures } from '../harness/side.ts'
import { quantile } from '../harness/statistics.ts'

const TIMES = 100
const PAGE = 50
const HOUR_MS = 3_600_000

const INTERVAL_MS = 20

function queries(runs: number, now: number): Readonly<Record<string, Omit<RunQuery, 'limit'>>> {
  const middle = runIdAt(now - (runs * INTERVAL_MS) / 2, 0)
  return {
    all: {},
    middle: { before: middle },
    back: { after: middle, oldestFirst: true },
    backOfFlow: { after: middle, oldestFirst: true, flowIds: ['flow-7'] },
    failedBack: { after: middle, oldestFirst: true, statuses: ['failed', 'cancelled'] },
    nightlyBack: { after: middle, oldestFirst: true, labels: ['#nightly'] },
    notTheseBack: { after: middle, oldestFirst: true, not: { flowIds: ['flow-1', 'flow-2', 'flow-3'] } },
    atATime: { createdBefore: now - 2 * HOUR_MS },
    failedAtATime: { createdBefore: now - 2 * HOUR_MS, statuses: ['failed'] },
    flow: { flowIds: ['flow-7'] },
    flows: { flowIds: ['flow-3', 'flow-7', 'flow-11'] },
    failed: { statuses: ['failed'] },
    failedMiddle: { statuses: ['failed', 'cancelled'], before: middle },
    active: { statuses: ['running', 'queued', 'waiting', 'retrying'] },
    running: { statuses: ['running'] },
    succeededOfFlow: { statuses: ['succeeded'], flowIds: ['flow-7'] },
    failedOfFlow: { statuses: ['failed'], flowIds: ['flow-7'] },
    notTheseFlows: { not: { flowIds: ['flow-1', 'flow-2', 'flow-3'] } },
    notSucceeded: { not: { statuses: ['succeeded'] } },
    tag: { labels: ['#nightly'] },
    customer: { labels: ['customer=c-340'] },
    failedNightly: { labels: ['#nightly'], statuses: ['failed'] },
    scheduledInDebug: { triggers: ['schedule'], configurations: ['debug'] },
    rareConfiguration: { configurations: ['development'] },
    rareTrigger: { triggers: ['retry'] },
    noRunsLikeThis: { statuses: ['scheduled'] },
    noneOfThese: {
      not: { statuses: ['succeeded', 'failed', 'cancelled', 'waiting', 'retrying', 'scheduled', 'queued'] },
    },
    unknownFlows: { flowIds: ['flow-98', 'flow-99'] },
    lastHour: { createdFrom: now - HOUR_MS },
    anOldHour: { createdFrom: now - 4 * HOUR_MS, createdBefore: now - 3 * HOUR_MS },
  }
}

await reportFigures(async ({ folder, load }) => {
  const storage = fileStorage(folder)
  await storage.open()
  const p99: Record<string, number> = {}
  for (const [name, query] of Object.entries(queries(load.runs, Date.now()))) {
    const times: number[] = []
    for (let time = 0; time < TIMES; time += 1) {
      const began = performance.now()
      await storage.runs.list({ ...query, limit: PAGE })
      times.push(performance.now() - began)
    }
    p99[name] = quantile(times, 0.99)
  }
  await storage.close()
  return { slowest: Math.max(...Object.values(p99)), ...p99 }
})
