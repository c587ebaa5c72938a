/* Alerts, and the flows that are failing. */
import type { ClaimAlert, PutAlerts, RetryAlert, SettleAlert } from '../alert-changes.ts'
import type { AlertQuery } from '../alert-reads.ts'
import type { AlertRecord, NewAlert } from '../alert-records.ts'
import type { FinishRun } from '../run-changes.ts'
import { byId } from '../run-rules.ts'
import type { Cell, Database, Row } from './database.ts'
import { refused, sqlList, type ShortReceipt } from './fence.ts'

const COLUMNS = [
  ['id', 'id'],
  ['rule', 'rule'],
  ['kind', 'kind'],
  ['flow_id', 'flowId'],
  ['run_id', 'runId'],
  ['schedule_id', 'scheduleId'],
  ['facts', 'facts'],
  ['failing_since', 'failingSince'],
  ['failed_runs', 'failedRuns'],
  ['created_at', 'createdAt'],
  ['state', 'state'],
  ['attempts', 'attempts'],
  ['max_attempts', 'maxAttempts'],
  ['next_at', 'nextAt'],
  ['settled_at', 'settledAt'],
  ['problem', 'problem'],
] as const satisfies readonly (readonly [column: string, field: keyof AlertRecord])[]

const NAMES = COLUMNS.map(([column]) => column).join(', ')
const FIELDS = COLUMNS.map(([column, field]) => `${column} AS ${field}`).join(', ')
const PUT = `INSERT INTO alerts (${NAMES}) VALUES (${COLUMNS.map(() => '?').join(', ')}) ON CONFLICT DO NOTHING`
const TOLD = 'SELECT 1 FROM alerts WHERE rule = ? AND kind = ? AND flow_id = ? AND created_at > ? LIMIT 1'
const CLAIM = `
  UPDATE alerts SET attempts = ?, next_at = ?
  WHERE id = ? AND state = 'pending' AND attempts = ? AND next_at <= ?`
const SETTLE = `
  UPDATE alerts SET state = ?, next_at = ?, settled_at = ?, problem = ? WHERE id = ? AND state = 'pending' AND attempts = ?`
const RETRY =
  "UPDATE alerts SET state = 'pending', next_at = ?, settled_at = NULL, max_attempts = attempts + ? WHERE id = ?"
const GET = `SELECT ${FIELDS} FROM alerts WHERE id = ?`
// Asked for each rule: a receiver that is away for long has a long line, and nobody else is to wait until it was read.
const DUE = `
  SELECT ${FIELDS} FROM alerts WHERE state = 'pending' AND rule = ? AND next_at <= ? ORDER BY next_at, id LIMIT ?`
const NEXT = "SELECT min(next_at) AS at FROM alerts WHERE state = 'pending' AND rule = ?"

const FIND_FAILING = 'SELECT since, runs FROM failing_flows WHERE flow_id = ?'
const MARK_FAILING = `
  INSERT INTO failing_flows (flow_id, since, runs) VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET runs = runs + 1`
const UNMARK_FAILING = 'DELETE FROM failing_flows WHERE flow_id = ?'

/** Stores alerts. */
export function putAlerts(database: Database, { alerts }: Pick<PutAlerts, 'alerts'>): ShortReceipt {
  for (const alert of alerts)
    if (!isTooSoon(database, alert))
      database.run(
        PUT,
        COLUMNS.map(([, field]) => alert[field]),
      )
  return 1
}

function isTooSoon(database: Database, { rule, kind, flowId, createdAt, everyMs = 0 }: NewAlert): boolean {
  return everyMs > 0 && database.first(TOLD, [rule, kind, flowId, createdAt - everyMs]) !== undefined
}

/** Stores the alerts of the end of a run, and whether its flow is failing now. */
export function alertEnd(database: Database, flowId: string, { alerts, status, finishedAt }: FinishRun): void {
  if (alerts === undefined) return
  const failing = database.first(FIND_FAILING, [flowId])
  if (status === 'failed') database.run(MARK_FAILING, [flowId, finishedAt])
  if (status === 'succeeded' && failing) database.run(UNMARK_FAILING, [flowId])
  const told = alerts.flatMap((alert) => {
    if (alert.kind !== 'recovered') return [alert]
    return failing ? [{ ...alert, failingSince: Number(failing['since']), failedRuns: Number(failing['runs']) }] : []
  })
  putAlerts(database, { alerts: told })
}

/** Begins an attempt. */
export function claimAlert(database: Database, { alertId, attempt, forMs }: ClaimAlert, now: number): ShortReceipt {
  return receipt(database, alertId, database.run(CLAIM, [attempt, now + forMs, alertId, attempt - 1, now]))
}

/** Ends an attempt. */
export function settleAlert(database: Database, { alertId, attempt, outcome }: SettleAlert): ShortReceipt {
  const { state, nextAt, settledAt, problem } = outcome
  return receipt(database, alertId, database.run(SETTLE, [state, nextAt, settledAt, problem, alertId, attempt]))
}

/** Makes an alert pending again. */
export function retryAlert(database: Database, { alertId, at, attempts }: RetryAlert): ShortReceipt {
  return receipt(database, alertId, database.run(RETRY, [at, attempts, alertId]))
}

/** One alert. */
export function getAlert(database: Database, id: string): AlertRecord | null {
  const row = database.first(GET, [id])
  return row === undefined ? null : readAlert(row)
}

/** Alerts that are to be attempted now, the one that has waited longest first. */
export function dueAlerts(
  database: Database,
  { rules, limit }: { readonly rules: readonly string[]; readonly limit: number },
  now: number,
): readonly AlertRecord[] {
  return rules
    .flatMap((rule) => database.all(DUE, [rule, now, limit]).map(readAlert))
    .toSorted(byTurn)
    .slice(0, limit)
}

/** When the next alert is to be attempted. */
export function nextAlertAt(database: Database, rules: readonly string[]): number | null {
  const times = rules.flatMap((rule) => (database.first(NEXT, [rule])?.['at'] as number | null | undefined) ?? [])
  return times.length === 0 ? null : Math.min(...times)
}

/** Alerts, the newest first. */
export function listAlerts(database: Database, { states, flowId, after, limit }: AlertQuery): readonly AlertRecord[] {
  const conditions = ['1']
  const cells: Cell[] = []
  if (states !== undefined) conditions.push(`state IN ${sqlList(states)}`)
  if (flowId !== undefined) {
    conditions.push('flow_id = ?')
    cells.push(flowId)
  }
  if (after) {
    conditions.push('(created_at, id) < (?, ?)')
    cells.push(after.createdAt, after.id)
  }
  const where = conditions.join(' AND ')
  return database
    .all(`SELECT ${FIELDS} FROM alerts WHERE ${where} ORDER BY created_at DESC, id DESC LIMIT ?`, [...cells, limit])
    .map(readAlert)
}

/** Forgets alerts of before an instant. */
export function forgetAlerts(database: Database, before: number): void {
  database.run('DELETE FROM alerts WHERE created_at < ?', [before])
}

function receipt(database: Database, id: string, changed: number): ShortReceipt {
  if (changed > 0) return 1
  const alert = getAlert(database, id)
  if (alert === null) return refused('missing')
  return refused(alert.state === 'pending' ? 'stale' : 'finished')
}

function byTurn(left: AlertRecord, right: AlertRecord): number {
  return (left.nextAt ?? 0) - (right.nextAt ?? 0) || byId(left, right)
}

// The columns are those of COLUMNS, whose fields are checked against the record.
function readAlert(row: Row): AlertRecord {
  return { ...row } as unknown as AlertRecord
}
