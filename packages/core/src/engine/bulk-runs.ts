/* The same for many runs. Which runs is decided once, so that what happens meanwhile changes nothing about whom it meets. */
import { serializeError } from '../errors/serialized-error.ts'
import { checkEnded } from './action-rules.ts'
import type { EngineParts } from './engine-parts.ts'
import { toRunFilter, type RunsFilter } from './runs-query.ts'
import type { ErrorView } from './views.ts'

/** Runs that were chosen at one moment. */
export interface RunSelection {
  /** Newest first. At most 10,000. */
  readonly runIds: readonly string[]
  /** Whether more runs fit than were taken. */
  readonly isPartial: boolean
}

/** What became of each run. */
export interface BulkResult {
  /** Runs for which it was done. */
  readonly done: readonly string[]
  readonly failed: readonly { readonly runId: string; readonly error: ErrorView }[]
}

const MAX_RUNS = 10_000
const PAGE = 1000
// Enough to share commits, few enough to let others in between.
const AT_ONCE = 50

/** @throws {PerfectError} REQUEST_INVALID */
export async function selectRuns({ storage }: EngineParts, filter: RunsFilter): Promise<RunSelection> {
  const query = toRunFilter(filter)
  const runIds: string[] = []
  for (;;) {
    const before = runIds.at(-1)
    const page = await storage.runs.list({ ...query, limit: PAGE, ...(before !== undefined && { before }) })
    runIds.push(...page.map(({ id }) => id))
    if (page.length < PAGE || runIds.length > MAX_RUNS) break
  }
  return { runIds: runIds.slice(0, MAX_RUNS), isPartial: runIds.length > MAX_RUNS }
}

/** Does something for each run; one that fails does not keep the others from it. */
export async function forEachRun(
  { runIds }: Pick<RunSelection, 'runIds'>,
  act: (runId: string) => Promise<unknown>,
): Promise<BulkResult> {
  const done: string[] = []
  const failed: { readonly runId: string; readonly error: ErrorView }[] = []
  const one = async (runId: string): Promise<void> => {
    try {
      await act(runId)
      done.push(runId)
    } catch (thrown) {
      const { name, code, message } = serializeError(thrown)
      failed.push({ runId, error: { name, code, message } })
    }
  }
  for (let start = 0; start < runIds.length; start += AT_ONCE)
    await Promise.all(runIds.slice(start, start + AT_ONCE).map(one))
  return { done, failed }
}

/** @throws {PerfectError} RUN_NOT_FOUND, RUN_NOT_FINISHED */
export async function removeRun({ commit, queries, bus }: EngineParts, runId: string): Promise<void> {
  const run = await queries.record(runId)
  checkEnded(run)
  const [receipt] = await commit.append([{ type: 'run.remove', runId }], 'impatient')
  if (receipt?.accepted) bus.publish('run.removed', () => ({ id: runId, flowId: run.flowId }))
}
