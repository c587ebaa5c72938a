import { PerfectError, type FlowEngine } from '@perfect/core'
import type { Context } from 'hono'

import type { ApiEnv } from '../api-context.ts'
import { guardOf } from '../permit/flow-guard.ts'
import { SeenFlows } from './seen-flows.ts'
import { parseTopics } from './topics.ts'

/**
 * What the reader of a live stream may see; null: everything. A run that it asks for and may not see is refused.
 *
 * @throws {PerfectError} FLOW_NOT_PERMITTED
 * @throws {PerfectError} REQUEST_INVALID for a topic that does not exist.
 */
export async function seenBy(
  c: Context<ApiEnv>,
  engine: FlowEngine,
  topics: string | undefined,
): Promise<SeenFlows | null> {
  const guard = guardOf(c)
  const named = parseTopics(topics)
  const readable = await guard.readable()
  if (readable === null) return null
  for (const topic of named) {
    const runId = /^(?:run|logs):(.+)$/.exec(topic)?.[1]
    const flowId = runId === undefined ? undefined : await flowOfRun(engine, runId)
    if (flowId !== undefined) await guard.check('read', flowId, runId)
  }
  return new SeenFlows(guard, readable)
}

// Who follows a run that does not exist hears nothing.
async function flowOfRun(engine: FlowEngine, runId: string): Promise<string | undefined> {
  try {
    return (await engine.getRun(runId)).flowId
  } catch (error) {
    if (PerfectError.is(error, 'RUN_NOT_FOUND')) return undefined
    throw error
  }
}
