import type { ErrorCode } from '../errors/codes.ts'

/** Whether something can be done now, and else why not. */
export type ActionView =
  | { readonly ok: true }
  | {
      readonly ok: false
      /** What it would be refused with. */
      readonly code: ErrorCode
      /** For people. */
      readonly why: string
    }

/**
 * What can be done with a run: `retry` and `retryFromStart` with its own input and configuration, `signal` as far as the run decides it and
 * not what is sent.
 */
export type RunAction = 'cancel' | 'pause' | 'resume' | 'retry' | 'retryFromStart' | 'signal' | 'verify' | 'remove'

/** What can be done with a run now. */
export type RunActionsView = Readonly<Record<RunAction, ActionView>>
