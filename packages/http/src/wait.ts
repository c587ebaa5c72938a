import type { FlowEngine, RunView } from '@perfect/core'
import type { Context } from 'hono'

import type { ApiEnv } from './api-context.ts'
import { invalidRequest } from './problem.ts'

// Longer than this, proxies between here and the caller give up.
const MAX_WAIT_MS = 30_000

/**
 * How long the caller wants to wait for the end of a run: `?wait=10s`, or `Prefer: wait=10` (RFC 7240, in seconds); null when not at all.
 *
 * @throws {PerfectError} REQUEST_INVALID
 */
export function waitOf(c: Context<ApiEnv>): number | null {
  const asked = c.req.query('wait')
  if (asked !== undefined) return readWait(asked)
  const preferred = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,6})\b/i.exec(c.req.header('prefer') ?? '')?.[1]
  if (preferred === undefined) return null
  const waitMs = Math.min(Number(preferred) * 1000, MAX_WAIT_MS)
  c.header('preference-applied', `wait=${String(waitMs / 1000)}`)
  return waitMs
}

/** The run once it has ended, or as it is when the caller has waited long enough or is gone. */
export function waitForEnd(c: Context<ApiEnv>, engine: FlowEngine, runId: string, timeoutMs: number): Promise<RunView> {
  return engine.waitForRun(runId, { timeoutMs, signal: c.req.raw.signal })
}

function readWait(text: string): number {
  const [, amount, unit = 's'] = /^(\d{1,6}(?:\.\d{1,3})?)(ms|s)?$/.exec(text) ?? []
  if (amount === undefined)
    throw invalidRequest([{ pointer: '/query/wait', message: 'Give seconds, or text such as "10s" or "500ms"' }])
  return Math.min(Number(amount) * (unit === 'ms' ? 1 : 1000), MAX_WAIT_MS)
}
