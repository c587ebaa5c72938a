/* Writes about alerts. */
import type { AlertRecord, NewAlert } from './alert-records.ts'

/** Stores alerts. One whose id is known is left as it is, and one that comes too soon ({@link NewAlert.everyMs}) is not stored. */
export interface PutAlerts {
  readonly type: 'alert.put'
  readonly alerts: readonly NewAlert[]
}

/**
 * Begins an attempt to deliver an alert: `attempts` becomes `attempt`, and nobody else tries until `nextAt`, which becomes the time of the
 * storage clock and `forMs` more. Accepted when `attempts` is one less and `nextAt` has come; else refused as `stale`, as `finished` when
 * it is not pending.
 */
export interface ClaimAlert {
  readonly type: 'alert.claim'
  readonly alertId: string
  readonly attempt: number
  readonly forMs: number
}

/** Ends an attempt. Refused as `stale` when another one has begun, as `finished` when the alert is not pending any more. */
export interface SettleAlert {
  readonly type: 'alert.settle'
  readonly alertId: string
  readonly attempt: number
  readonly outcome: Pick<AlertRecord, 'state' | 'nextAt' | 'settledAt' | 'problem'>
}

/** Makes an alert pending again, due at once, for so many further attempts. */
export interface RetryAlert {
  readonly type: 'alert.retry'
  readonly alertId: string
  readonly at: number
  readonly attempts: number
}
