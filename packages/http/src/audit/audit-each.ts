/* The runs of a bulk action in the audit log: each of them is found there by its id, with the selection and the request that it was a part of. */
import type { AuditEntry, BulkResult, FlowEngine, RunSelection } from '@perfect/core'
import type { Context } from 'hono'

import type { ApiContext, ApiEnv } from '../api-context.ts'
import { callerOf, isAudited } from './audit-trail.ts'

type Runs = Pick<RunSelection, 'runIds'>
type Act = (runs: Runs) => Promise<BulkResult>

/** What is done to each run. */
export type EachAction = 'run.cancel' | 'run.retry' | 'run.remove'

/**
 * Writes down each run with which something was done, in one write for all runs of a step. That the whole was going to be done is in the log
 * since before it began.
 */
export function auditEach(
  c: Context<ApiEnv>,
  { engine, report }: Pick<ApiContext, 'engine' | 'report'>,
  action: EachAction,
  act: Act,
): Act {
  if (!isAudited(c)) return act
  const { method, path } = c.req
  const { id } = c.get('perfect')
  const shared = { ...callerOf(c), action, facts: { selection: c.req.param('selectionId') } }
  return async (runs) => {
    // Read before, since a run that is removed cannot be asked any more.
    const flowIds = await flowsOf(engine, runs)
    const result = await act(runs)
    const entries = result.done.map((runId): AuditEntry => ({
      ...shared,
      target: runId,
      flowId: flowIds.get(runId) ?? null,
    }))
    await engine.audit
      .recordAll(entries, { outcome: 'done' })
      .catch((error: unknown) => report(error, { id, method, path }))
    return result
  }
}

async function flowsOf(engine: FlowEngine, { runIds }: Runs): Promise<ReadonlyMap<string, string>> {
  const flowIds = new Map<string, string>()
  // Of one that does not exist, or cannot be read, the action says so.
  const read = async (runId: string): Promise<void> => {
    const run = await engine.getRun(runId).catch(() => null)
    if (run !== null) flowIds.set(runId, run.flowId)
  }
  await Promise.all(runIds.map(read))
  return flowIds
}
