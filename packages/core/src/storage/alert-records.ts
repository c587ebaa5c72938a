/* Alerts: what is to be told to somebody outside, and what became of telling it. */

/** Every kind of alert. */
export const ALERT_KINDS = ['failed', 'slow', 'missed', 'recovered'] as const
/**
 * What is told. `failed`: a run has failed and is not tried again; `slow`: a run takes longer than was to be expected; `missed`: scheduled
 * times came and no run was started; `recovered`: a run succeeded after others of its flow had failed.
 */
export type AlertKind = (typeof ALERT_KINDS)[number]

/** Every state of an alert; the last two are final. */
export const ALERT_STATES = ['pending', 'delivered', 'given-up'] as const
/** State of an alert. */
export type AlertState = (typeof ALERT_STATES)[number]

/** One thing that is told to one receiver. */
export interface AlertRecord {
  readonly id: string
  /** Name of the rule that asked for it, which says who the receiver is. */
  readonly rule: string
  readonly kind: AlertKind
  readonly flowId: string
  /** The run that it is about. */
  readonly runId: string | null
  /** The schedule that it is about. */
  readonly scheduleId: string | null
  /** JSON text of what else it says. */
  readonly facts: string
  /** For `recovered`: since when runs had failed, and how many; told by the storage. */
  readonly failingSince: number | null
  readonly failedRuns: number | null
  readonly createdAt: number
  readonly state: AlertState
  /** Attempts to deliver it that have begun. */
  readonly attempts: number
  /** It is given up after this many. */
  readonly maxAttempts: number
  /** When it is attempted again, at the latest: an attempt that goes on has until then. null when it is not pending. */
  readonly nextAt: number | null
  /** When it was delivered or given up. */
  readonly settledAt: number | null
  /** Why the last attempt that has ended did not deliver it. */
  readonly problem: string | null
}

/** An alert that is stored now. */
export interface NewAlert extends AlertRecord {
  /**
   * It is left out when another one of its rule, kind and flow is less than this older, or younger: one alert for all engines, however
   * many see the same outage. Unit: ms. Range: >= 0. Default: 0, it is stored.
   */
  readonly everyMs?: number
}
