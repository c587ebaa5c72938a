/*
 * When a run refuses what is asked of it. The actions ask these rules, and so does who tells beforehand what can be done
 * (`run-actions.ts`), so that both say the same.
 */
import { PerfectError } from '../errors/perfect-error.ts'
import type { RunRecord } from '../storage/records.ts'
import { hasEnded } from './run-outcomes.ts'

const ENDED = {
  cancel: 'there is nothing to cancel',
  pause: 'there is nothing to pause',
  resume: 'there is nothing to resume',
  signal: 'it takes no signal',
} as const

/** What only a run can do that has not ended. */
export type OpenRunAction = keyof typeof ENDED

/** @throws {PerfectError} RUN_FINISHED, RUN_NOT_PAUSED */
export function checkOpen(action: OpenRunAction, run: RunRecord): void {
  if (hasEnded(run)) throw alreadyEnded(action, run)
  if (action !== 'resume' || run.pausedAt !== null || run.reason === 'version') return
  throw new PerfectError(
    'RUN_NOT_PAUSED',
    `Run ${run.id} is not paused (${run.status}). There is nothing to resume.`,
    factsOf(run),
  )
}

/** @throws {PerfectError} RUN_NOT_FINISHED */
export function checkEnded(run: RunRecord): void {
  if (hasEnded(run)) return
  throw new PerfectError(
    'RUN_NOT_FINISHED',
    `Run ${run.id} is ${run.status}. Wait for its end, or cancel it.`,
    factsOf(run),
  )
}

/** The refusal of a run that has ended. */
export function alreadyEnded(action: OpenRunAction, run: RunRecord): PerfectError<'RUN_FINISHED'> {
  const message = `Run ${run.id} has already ended (${run.status}): ${ENDED[action]}.`
  return new PerfectError('RUN_FINISHED', message, factsOf(run))
}

function factsOf({ id, status }: RunRecord): { readonly details: { readonly runId: string; readonly status: string } } {
  return { details: { runId: id, status } }
}
