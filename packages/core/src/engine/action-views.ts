import type { ActionsView } from '../errors/action-view.ts'

/**
 * What can be done with a run: `retry` and `retryFromStart` with its own input and configuration, `signal` as far as the run decides it and
 * not what is sent.
 */
export type RunAction = 'cancel' | 'pause' | 'resume' | 'retry' | 'retryFromStart' | 'signal' | 'verify' | 'remove'

/** What can be done with a schedule. */
export type ScheduleAction = 'replace' | 'remove' | 'pause' | 'resume' | 'skip' | 'run'

/** What can be done with a saved view. */
export type ViewAction = 'replace' | 'remove'

/** What can be done with an approval that is waited for. */
export type ApprovalAction = 'answer'

/** What can be done with a run now. */
export type RunActionsView = ActionsView<RunAction>
