/* The list of alerts: what was told to whom, and what was not. */
import { PerfectError } from '../../errors/perfect-error.ts'
import { ALERT_STATES, type AlertKind, type AlertRecord, type AlertState } from '../../storage/alert-records.ts'
import type { EngineParts } from '../engine-parts.ts'
import { checkLimit, fromCursor, toCursor } from '../page-query.ts'
import type { Page } from '../views.ts'
import { toAlertEvent, type AlertEvent } from './alert-event.ts'
import { MAX_ATTEMPTS } from './alert-maker.ts'

/** Which alerts, the newest first. */
export interface AlertsQuery {
  /** Default: all. */
  readonly state?: AlertState
  /** Id or name of a flow. Default: all flows. */
  readonly flow?: string
  /** `nextCursor` of the page before. */
  readonly cursor?: string
  /** Range: 1..200. Default: 50. */
  readonly limit?: number
}

/** An alert, and what became of telling it. */
export interface AlertView {
  readonly id: string
  /** Name of the rule that asked for it, which says who is told. */
  readonly rule: string
  readonly kind: AlertKind
  readonly flowId: string
  readonly runId: string | null
  readonly scheduleId: string | null
  readonly createdAt: string
  readonly state: AlertState
  /** Attempts that have begun. */
  readonly attempts: number
  /** It is given up after this many. */
  readonly maxAttempts: number
  /** When it is attempted again, at the latest; null when it is not pending. */
  readonly nextAttemptAt: string | null
  /** When it was delivered or given up. */
  readonly settledAt: string | null
  /** Why the last attempt that has ended did not deliver it. */
  readonly problem: string | null
  /** What is told: the body of the webhook. */
  readonly event: AlertEvent
}

const DEFAULT_LIMIT = 50
const MAX_LIMIT = 200

/** @throws {PerfectError} CURSOR_INVALID, REQUEST_INVALID */
export async function listAlerts(
  { storage, registry }: EngineParts,
  { state, flow, cursor, limit = DEFAULT_LIMIT }: AlertsQuery,
): Promise<Page<AlertView>> {
  checkLimit(limit, MAX_LIMIT)
  if (state !== undefined && !ALERT_STATES.includes(state)) throw invalid('state', state, ALERT_STATES.join(', '))
  const alerts = await storage.alerts.list({
    ...(state !== undefined && { states: [state] }),
    ...(flow !== undefined && { flowId: registry.find(flow)?.id ?? flow }),
    ...(cursor !== undefined && { after: placeOf(cursor) }),
    limit: limit + 1,
  })
  const page = alerts.slice(0, limit)
  const last = alerts.length > limit ? page.at(-1) : undefined
  const nextCursor = last ? toCursor(last.createdAt, last.id) : null
  return { items: page.map(toAlertView), nextCursor }
}

/** @throws {PerfectError} ALERT_NOT_FOUND */
export async function getAlert({ storage }: EngineParts, id: string): Promise<AlertView> {
  const alert = await storage.alerts.get(id)
  if (alert) return toAlertView(alert)
  throw notFound(id)
}

/** Attempts an alert again. @throws {PerfectError} ALERT_NOT_FOUND, STORAGE_UNAVAILABLE */
export async function retryAlert(parts: EngineParts, id: string): Promise<AlertView> {
  const { commit, clock, alerts } = parts
  const at = clock.now()
  const [receipt] = await commit.append([{ type: 'alert.retry', alertId: id, at, attempts: MAX_ATTEMPTS }], 'impatient')
  if (receipt?.accepted !== true) throw notFound(id)
  alerts.delivery.wake()
  return getAlert(parts, id)
}

function toAlertView(alert: AlertRecord): AlertView {
  const { id, rule, kind, flowId, runId, scheduleId, createdAt, state, attempts, maxAttempts, problem } = alert
  const at = (time: number | null): string | null => (time === null ? null : new Date(time).toISOString())
  return {
    id,
    rule,
    kind,
    flowId,
    runId,
    scheduleId,
    createdAt: new Date(createdAt).toISOString(),
    state,
    attempts,
    maxAttempts,
    nextAttemptAt: at(alert.nextAt),
    settledAt: at(alert.settledAt),
    problem,
    event: toAlertEvent(alert),
  }
}

function placeOf(cursor: string): { readonly createdAt: number; readonly id: string } {
  const [createdAt, id] = fromCursor(cursor, isPlace)
  return { createdAt, id }
}

function isPlace(values: readonly unknown[]): values is readonly [createdAt: number, id: string] {
  return values.length === 2 && typeof values[0] === 'number' && typeof values[1] === 'string'
}

function notFound(id: string): PerfectError {
  const shown = id.slice(0, 100)
  return new PerfectError(
    'ALERT_NOT_FOUND',
    `Alert ${JSON.stringify(shown)} does not exist. Look for it with getAlerts().`,
    {
      details: { alertId: shown },
    },
  )
}

function invalid(field: string, value: unknown, allowed: string): PerfectError {
  return new PerfectError('REQUEST_INVALID', `"${field}" is ${String(value)}. Give ${allowed}.`, {
    details: { field, value: String(value) },
  })
}
