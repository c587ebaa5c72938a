import type { PermitFlow } from '@perfect/core'
import type { Context } from 'hono'

import type { ApiEnv } from '../api-context.ts'
import { guardOf } from './flow-guard.ts'

/** Which flows the worker that sends a request may run. */
export function permitWork(c: Context<ApiEnv>): PermitFlow {
  const guard = guardOf(c)
  return (flowId) => guard.check('work', flowId)
}
