import type { ActionView } from '../errors/action-view.ts'
import { CAN, tryAction } from '../errors/try-action.ts'
import type { RunRecord } from '../storage/records.ts'
import { checkEnded, checkOpen, type OpenRunAction } from './action-rules.ts'
import type { RunActionsView } from './action-views.ts'
import type { EngineParts } from './engine-parts.ts'
import { checkProvable } from './replay-run.ts'
import { checkRetry, type RetryFacts } from './retry-run.ts'

/** What can be done with a run now, by the rules that the actions themselves ask. Changes nothing. */
export async function runActions(parts: EngineParts, run: RunRecord, facts: RetryFacts): Promise<RunActionsView> {
  const open = (action: OpenRunAction): Promise<ActionView> => tryAction(() => checkOpen(action, run))
  const retry = await tryAction(() => checkRetry(parts, run, facts, 'failed'))
  return {
    cancel: await open('cancel'),
    pause: await open('pause'),
    resume: await open('resume'),
    retry,
    // It needs less than a retry that takes something over.
    retryFromStart: retry.ok ? CAN : await tryAction(() => checkRetry(parts, run, facts, 'start')),
    signal: await open('signal'),
    verify: await tryAction(() => checkProvable(parts, run, facts.records)),
    remove: await tryAction(() => checkEnded(run)),
  }
}
