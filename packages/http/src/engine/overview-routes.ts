/* What a first page shows, in one answer: a few short lists and the counts that are kept anyway. Nothing in it grows with the storage. */
import { RUN_STATUSES, type FlowEngine, type RunStatus, type ScheduleView } from '@perfect/core'
import { Hono, type Context } from 'hono'
import type { BlankInput } from 'hono/types'

import type { ApiContext, ApiEnv } from '../api-context.ts'
import { guardOf } from '../permit/flow-guard.ts'
import { scheduleFor, workerFor } from '../permit/with-actions.ts'
import { ROUTES } from '../route-table.ts'
import { answer, declared, type Endpoint } from '../route-types.ts'
import { overviewSchema, type Overview } from '../schema/overview-schemas.ts'

/** Routes of what goes on. */
export type OverviewRoutes = {
  '/engine/overview': { $get: Endpoint<BlankInput, Overview> }
}

const MAX_RUNNING = 50
const MAX_WORKERS = 100
// Of schedules and failures each.
const MAX_LISTED = 10

/** What goes on, at one instant. */
export function overviewRoutes({ engine, access }: ApiContext): Hono<ApiEnv, OverviewRoutes> {
  return declared<OverviewRoutes>()(
    new Hono<ApiEnv>().get(ROUTES.getOverview.path, access('getOverview', overviewSchema), async (c) =>
      answer(c, await readOverview(c, engine), 200),
    ),
  )
}

async function readOverview(c: Context<ApiEnv>, engine: FlowEngine): Promise<Overview> {
  await engine.start()
  // Events are kept for a minute after somebody listened: long enough for the reader to come with its stream.
  engine.events.subscribe(() => undefined)()
  // Read first: what changes meanwhile is told again by the stream, and nothing is missing.
  const { lastId } = engine.events
  const readable = await guardOf(c).readable()
  const isShown = (flowId: string): boolean => readable === null || readable.has(flowId)
  const ofFlows = readable === null ? {} : { flowIds: [...readable] }
  const [counts, running, failures, schedules] = await Promise.all([
    mayCount(engine, readable).then((may) => (may ? engine.countRuns() : null)),
    engine.getRuns({ ...ofFlows, statuses: ['running'], limit: MAX_RUNNING }),
    engine.getRuns({ ...ofFlows, statuses: ['failed'], limit: MAX_LISTED }),
    engine.schedules.list(),
  ])
  return {
    serverTime: new Date().toISOString(),
    lastEventId: lastId,
    counts: counts && withZeros(counts),
    running: running.items,
    isMoreRunning: running.nextCursor !== null,
    schedules: await Promise.all(nextOf(schedules, isShown).map((one) => scheduleFor(c, engine, one))),
    workers: await Promise.all(
      engine.workers
        .status()
        .slice(0, MAX_WORKERS)
        .map((worker) => workerFor(c, { ...worker, flows: worker.flows.filter(isShown) })),
    ),
    failures: failures.items,
  }
}

function nextOf(schedules: readonly ScheduleView[], isShown: (flowId: string) => boolean): readonly ScheduleView[] {
  return schedules
    .filter(({ flowId, nextAt }) => nextAt !== null && isShown(flowId))
    .toSorted((one, other) => Date.parse(one.nextAt ?? '') - Date.parse(other.nextAt ?? ''))
    .slice(0, MAX_LISTED)
}

// The counts are of all flows together, so they are for those who may read all of them.
async function mayCount(engine: FlowEngine, readable: ReadonlySet<string> | null): Promise<boolean> {
  return readable === null || (await engine.getFlowIds()).every((id) => readable.has(id))
}

function withZeros(counts: Partial<Record<RunStatus, number>>): Record<RunStatus, number> {
  return Object.fromEntries(RUN_STATUSES.map((status) => [status, counts[status] ?? 0])) as Record<RunStatus, number>
}
