import type { Principal } from '../auth/authenticator.ts'

/** Everything that a caller may want to do with a flow or its runs. */
export const PERMIT_ACTIONS = [
  'read',
  'trigger',
  'cancel',
  'pause',
  'resume',
  'retry',
  'remove',
  'signal',
  'log',
  'verify',
  'register',
  'schedule',
  'alert',
  'work',
] as const

/**
 * What a caller wants to do. `read`: see the flow, its runs, logs, figures and events; `log`: add lines to a log; `verify`: replay a run;
 * `register`: register or forget the flow; `schedule`: change its schedules; `alert`: tell an alert of it again; `work`: run it as a worker.
 */
export type PermitAction = (typeof PERMIT_ACTIONS)[number]

/** What is asked of the host. */
export interface PermitQuestion {
  /** Who calls; null when nobody is asked who they are. */
  readonly principal: Principal | null
  readonly action: PermitAction
  /** Id of the flow. It may be one that is not registered. */
  readonly flow: string
  /** Id of the run, when it is about one. Lists and live events are asked by flow alone. */
  readonly run?: string
  /** Look at its headers only: the body belongs to the route. */
  readonly request: Request
}

/**
 * Port to the host's own rules: whether a caller may do something with a flow. Asked after the scope has been checked, and once for each
 * flow when a list is read, so it should answer from memory. Anything but `true` is a refusal; so is an error, which is told to `onError`.
 */
export type Permit = (question: PermitQuestion) => boolean | Promise<boolean>
