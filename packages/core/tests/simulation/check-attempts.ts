/* A flow that is to be tried again is: until it succeeds, or as often as it says. */
import type { ErrorCode } from '@perfect/core'

import type { RunRecord } from '../../src/storage/records.ts'
import { isFinalRun } from '../../src/storage/run-rules.ts'
import type { Audit } from './audit.ts'

// Another attempt would end in the same way, or make it worse.
const FINAL: ReadonlySet<string> = new Set<ErrorCode>(['CRASH_LOOP', 'REPLAY_MISMATCH', 'COMPENSATION_FAILED'])

/** @param run One that has ended. */
export function checkAttempts(audit: Audit, run: RunRecord): void {
  const { attempts = 1 } = audit.policies.get(run.flowId) ?? {}
  const next = run.nextRunId === null ? undefined : audit.run(run.nextRunId)
  if (next !== undefined) {
    if (run.status !== 'failed' || next.attempt !== run.attempt + 1 || next.attempt > attempts)
      audit.violation('attempts', `${next.id} is attempt ${String(next.attempt)} after ${run.id}, which ${run.status}`)
    return
  }
  const isFinal = run.status !== 'failed' || run.attempt >= attempts || FINAL.has(run.error?.code ?? '')
  // Nobody waits any more for the child of a run that has ended.
  const parent = run.parentRunId === null ? undefined : audit.run(run.parentRunId)
  const isAlone = parent !== undefined && isFinalRun(parent.status)
  if (!isFinal && !isAlone && run.cancelRequestedAt === null)
    audit.violation('attempts', `${run.id} failed as attempt ${String(run.attempt)} and is not tried again`)
}
