import type { BulkResult, FlowEngine, RunSelection } from '@perfect/core'
import type { Context } from 'hono'

import type { ApiEnv } from '../api-context.ts'
import { guardOf, isGuarded, notPermitted } from './flow-guard.ts'
import type { PermitAction } from './permit.ts'
import { unlistedFlow } from './unlisted-flow.ts'

type Act = (selection: Pick<RunSelection, 'runIds'>) => Promise<BulkResult>

/** Does something only with those runs that the sender of a request may do it with; of the others it is told that they failed. */
export function eachPermitted(c: Context<ApiEnv>, engine: FlowEngine, action: PermitAction, act: Act): Act {
  if (!isGuarded(c)) return act
  const guard = guardOf(c)
  return async ({ runIds }) => {
    const permitted: string[] = []
    const refused: BulkResult['failed'][number][] = []
    const flowIds = new Map<string, string>()
    for (const runId of runIds) {
      const run = await engine.getRun(runId).catch(() => null)
      if (run !== null) flowIds.set(runId, run.flowId)
      // Of one that does not exist, the action says so.
      if (run === null || (await guard.may(action, run.flowId, runId))) permitted.push(runId)
      else {
        const { name, code, message } = notPermitted(action, run.flowId, runId)
        refused.push({ runId, error: { name, code, message } })
      }
    }
    const { done, failed } = await act({ runIds: permitted })
    return { done, failed: [...refused, ...failed.map((one) => withoutFlows(one, flowIds.get(one.runId)))] }
  }
}

function withoutFlows(failure: BulkResult['failed'][number], flowId = ''): BulkResult['failed'][number] {
  const { runId, error } = failure
  return error.code === 'FLOW_NOT_FOUND'
    ? { runId, error: { ...error, message: unlistedFlow(flowId).message } }
    : failure
}
