/* Alerts, and the flows that are failing. */
import type { ClaimAlert, PutAlerts, RetryAlert, SettleAlert } from '../alert-changes.ts'
import type { AlertQuery } from '../alert-reads.ts'
import type { AlertRecord } from '../alert-records.ts'
import type { Receipt } from '../changes.ts'
import type { FinishRun } from '../run-changes.ts'
import { ACCEPTED, refused, type ChangeScope } from './scope.ts'
import type { MemoryState } from './state.ts'
import { compare } from './stats.ts'

/** Stores alerts. */
export function putAlerts({ state, transaction }: ChangeScope, { alerts }: Pick<PutAlerts, 'alerts'>): Receipt {
  for (const { everyMs = 0, ...alert } of alerts)
    if (!state.alerts.has(alert.id) && !isTooSoon(state, alert, everyMs)) transaction.set(state.alerts, alert.id, alert)
  return ACCEPTED
}

function isTooSoon({ alerts }: MemoryState, { rule, kind, flowId, createdAt }: AlertRecord, everyMs: number): boolean {
  if (everyMs === 0) return false
  return [...alerts.values()].some(
    (told) =>
      told.rule === rule && told.kind === kind && told.flowId === flowId && told.createdAt > createdAt - everyMs,
  )
}

/** Stores the alerts of the end of a run, and whether its flow is failing now. */
export function alertEnd(scope: ChangeScope, flowId: string, { alerts, status, finishedAt }: FinishRun): void {
  if (alerts === undefined) return
  const { state, transaction } = scope
  const failing = state.failingFlows.get(flowId)
  if (status === 'failed') {
    const since = failing?.since ?? finishedAt
    transaction.set(state.failingFlows, flowId, { since, runs: (failing?.runs ?? 0) + 1 })
  }
  if (status === 'succeeded') transaction.delete(state.failingFlows, flowId)
  const told = alerts.flatMap((alert) => {
    if (alert.kind !== 'recovered') return [alert]
    return failing ? [{ ...alert, failingSince: failing.since, failedRuns: failing.runs }] : []
  })
  putAlerts(scope, { alerts: told })
}

/** Begins an attempt. */
export function claimAlert({ state, transaction, now }: ChangeScope, change: ClaimAlert): Receipt {
  const alert = state.alerts.get(change.alertId)
  if (alert === undefined) return refused('missing')
  if (alert.state !== 'pending') return refused('finished')
  if (alert.attempts !== change.attempt - 1 || (alert.nextAt ?? 0) > now) return refused('stale')
  transaction.set(state.alerts, alert.id, { ...alert, attempts: change.attempt, nextAt: now + change.forMs })
  return ACCEPTED
}

/** Ends an attempt. */
export function settleAlert({ state, transaction }: ChangeScope, change: SettleAlert): Receipt {
  const alert = state.alerts.get(change.alertId)
  if (alert === undefined) return refused('missing')
  if (alert.state !== 'pending') return refused('finished')
  if (alert.attempts !== change.attempt) return refused('stale')
  transaction.set(state.alerts, alert.id, { ...alert, ...change.outcome })
  return ACCEPTED
}

/** Makes an alert pending again. */
export function retryAlert({ state, transaction }: ChangeScope, { alertId, at, attempts }: RetryAlert): Receipt {
  const alert = state.alerts.get(alertId)
  if (alert === undefined) return refused('missing')
  const maxAttempts = alert.attempts + attempts
  transaction.set(state.alerts, alertId, { ...alert, state: 'pending', nextAt: at, settledAt: null, maxAttempts })
  return ACCEPTED
}

/** Alerts that are to be attempted now, the one that has waited longest first. */
export function dueAlerts(
  { alerts }: MemoryState,
  { rules, limit }: { readonly rules: readonly string[]; readonly limit: number },
  now: number,
): readonly AlertRecord[] {
  return pendingAlerts(alerts, rules)
    .filter(({ nextAt }) => (nextAt ?? 0) <= now)
    .slice(0, limit)
}

/** When the next alert is to be attempted. */
export function nextAlertAt({ alerts }: MemoryState, rules: readonly string[]): number | null {
  return pendingAlerts(alerts, rules)[0]?.nextAt ?? null
}

/** Alerts, the newest first. */
export function listAlerts({ alerts }: MemoryState, query: AlertQuery): readonly AlertRecord[] {
  const { states, flowId, after, limit } = query
  return [...alerts.values()]
    .filter((alert) => states?.includes(alert.state) !== false && (flowId === undefined || alert.flowId === flowId))
    .toSorted(newestFirst)
    .filter((alert) => after === undefined || newestFirst(alert, after) > 0)
    .slice(0, limit)
}

/** Forgets alerts of before an instant. */
export function forgetAlerts({ state, transaction }: ChangeScope, before: number): void {
  for (const { id, createdAt } of state.alerts.values()) if (createdAt < before) transaction.delete(state.alerts, id)
}

function pendingAlerts(alerts: MemoryState['alerts'], rules: readonly string[]): readonly AlertRecord[] {
  return [...alerts.values()]
    .filter(({ state, rule }) => state === 'pending' && rules.includes(rule))
    .toSorted((left, right) => (left.nextAt ?? 0) - (right.nextAt ?? 0) || compare(left.id, right.id))
}

type Place = Pick<AlertRecord, 'createdAt' | 'id'>

function newestFirst(left: Place, right: Place): number {
  return right.createdAt - left.createdAt || compare(right.id, left.id)
}
