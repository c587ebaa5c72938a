/* What an alert says, in the shape in which receivers get it. Pure. */
import type { AlertKind, AlertRecord } from '../../storage/alert-records.ts'
import type { RunEstimate, RunRecord } from '../../storage/records.ts'

const ALERT_TYPES = {
  failed: 'run.failed',
  slow: 'run.slow',
  missed: 'schedule.missed',
  recovered: 'flow.recovered',
} as const satisfies Record<AlertKind, string>

/** The run that an alert is about, as it was when the alert was made. */
export interface AlertRun {
  readonly id: string
  readonly status: RunRecord['status']
  readonly configuration: string
  readonly version: string
  readonly trigger: RunRecord['trigger']
  /** Range: >= 1. */
  readonly attempt: number
  readonly createdAt: string
  readonly startedAt: string | null
  readonly finishedAt: string | null
  /** From the first start to the end, or until now. Unit: ms. */
  readonly durationMs: number | null
}

/** Why a run has failed. */
export interface AlertError {
  readonly name: string
  readonly code: string | null
  /** At most 2,000 characters. */
  readonly message: string
  /** Name of the task whose error it was; null when the flow itself failed. */
  readonly task: string | null
  /** Names its group in `getFailures()`. */
  readonly fingerprint: string
}

/** What all alerts say. */
export interface AlertBase<Type extends string, Data> {
  /** The same for every attempt to deliver it: who has seen it before can leave it. */
  readonly id: string
  readonly type: Type
  /** Shape of `data`. Fields are added without a new version. */
  readonly version: 1
  /** When it happened. */
  readonly timestamp: string
  readonly data: Data & { readonly rule: string; readonly flow: { readonly id: string; readonly name: string } }
}

/** What is told to the receiver of an alert: the body of a webhook, the argument of a handler. */
export type AlertEvent =
  | AlertBase<'run.failed', { readonly run: AlertRun; readonly error: AlertError }>
  | AlertBase<'run.slow', { readonly run: AlertRun; readonly expected: RunEstimate }>
  | AlertBase<
      'schedule.missed',
      {
        readonly schedule: { readonly id: string }
        /** `down`: no engine ran; `overlap`: the run before had not ended; `input`: the input was not valid. */
        readonly reason: 'down' | 'overlap' | 'input'
        /** How many times; at least so many when `isMore`. */
        readonly count: number
        readonly isMore: boolean
        readonly first: string
      }
    >
  | AlertBase<'flow.recovered', { readonly run: AlertRun; readonly failingSince: string; readonly failedRuns: number }>

/** What is told of an alert. */
export function toAlertEvent(alert: AlertRecord): AlertEvent {
  const { id, kind, createdAt, rule, failingSince, failedRuns } = alert
  const facts = JSON.parse(alert.facts) as Record<string, unknown>
  const recovery = failingSince === null ? {} : { failingSince: new Date(failingSince).toISOString(), failedRuns }
  const timestamp = new Date(createdAt).toISOString()
  // The facts were made for this kind.
  return { id, type: ALERT_TYPES[kind], version: 1, timestamp, data: { rule, ...facts, ...recovery } } as AlertEvent
}

/** The run of an alert. */
export function toAlertRun(run: RunRecord, now: number): AlertRun {
  const { id, status, configuration, flowVersion, trigger, attempt, createdAt, startedAt, finishedAt } = run
  const at = (time: number | null): string | null => (time === null ? null : new Date(time).toISOString())
  return {
    id,
    status,
    configuration,
    version: flowVersion,
    trigger,
    attempt,
    createdAt: new Date(createdAt).toISOString(),
    startedAt: at(startedAt),
    finishedAt: at(finishedAt),
    durationMs: startedAt === null ? null : Math.max(0, (finishedAt ?? now) - startedAt),
  }
}
