/* The audit log. */
import {
  AUDIT_FIELDS,
  AUDIT_TEXTS,
  type AuditQuery,
  type AuditRecord,
  type AuditValues,
  type EndAudit,
  type PutAudit,
} from '../audit-records.ts'
import type { Sweep } from '../changes.ts'
import type { Cell, Database } from './database.ts'
import { refused, type ShortReceipt } from './fence.ts'
import type { PackedAudit } from './packed-changes.ts'
import type { ChangeScope } from './scope.ts'
import { UsualRow } from './usual-row.ts'

const COLUMNS = {
  id: 'id',
  at: 'at',
  door: 'door',
  actor: 'actor',
  address: 'address',
  requestId: 'request_id',
  action: 'action',
  target: 'target',
  flowId: 'flow_id',
  outcome: 'outcome',
  code: 'code',
  changes: 'changes',
  facts: 'facts',
  endedAt: 'ended_at',
} as const satisfies Readonly<Record<keyof AuditRecord, string>>

const FIELDS = Object.keys(COLUMNS) as readonly (keyof AuditRecord)[]
const SELECTED = FIELDS.map((field) => `${COLUMNS[field]} AS ${field}`).join(', ')
/** The entry of a request that started a run: most entries are of this kind. */
const USUAL_AUDIT = new UsualRow(Object.values(COLUMNS), {
  door: 'http',
  action: 'flow.trigger',
  outcome: 'done',
  code: null,
  changes: '[]',
})
const put = (values: string): string => `
  INSERT INTO audit (${Object.values(COLUMNS).join(', ')}) VALUES (${values}) ON CONFLICT DO NOTHING`
const PUT = put(FIELDS.map(() => '?').join(', '))
const PUT_USUAL = put(USUAL_AUDIT.values)
const END = `
  UPDATE audit SET target = ?, flow_id = ?, outcome = ?, code = ?, changes = ?, facts = ?, ended_at = ?
  WHERE id = ? AND outcome = 'begun'`
const HAS_TEXT = AUDIT_TEXTS.map((field) => `contains_text(coalesce(${COLUMNS[field]}, ''), ?)`).join(' OR ')
const BEYOND = 'SELECT id FROM audit ORDER BY id DESC LIMIT 1 OFFSET ?'

/** Stores actions. */
export function putAudit(database: Database, { entries }: PutAudit): ShortReceipt {
  for (const entry of entries) database.run(PUT, auditCells(entry))
  return 1
}

/** The cells of an action as they are sent. */
export function packAudit(entry: AuditRecord): readonly Cell[] {
  return USUAL_AUDIT.pack(auditCells(entry))
}

/** Stores a packed action. */
export function putPackedAudit({ database, isPlain }: ChangeScope, [, cells]: PackedAudit): ShortReceipt {
  const sql = USUAL_AUDIT.has(cells) ? PUT_USUAL : PUT
  if (isPlain) database.runEncoded(sql, cells)
  else database.run(sql, cells)
  return 1
}

function auditCells(entry: AuditRecord): Cell[] {
  return FIELDS.map((field) => entry[field])
}

/** Stores how an action ended. */
export function endAudit(database: Database, { auditId, end }: EndAudit): ShortReceipt {
  const { target, flowId, outcome, code, changes, facts, endedAt } = end
  if (database.run(END, [target, flowId, outcome, code, changes, facts, endedAt, auditId]) > 0) return 1
  return refused(database.first('SELECT id FROM audit WHERE id = ?', [auditId]) === undefined ? 'missing' : 'finished')
}

/** Actions, the newest first. */
export function listAudit(database: Database, query: AuditQuery): readonly AuditRecord[] {
  const { not, from, before, text, after, limit, ...values } = query
  const conditions = ['1']
  const cells: Cell[] = []
  const add = (condition: string, ...more: readonly Cell[]): void => {
    conditions.push(`(${condition})`)
    cells.push(...more)
  }
  const addLists = (lists: AuditValues, word: string): void => {
    for (const [list, field] of AUDIT_FIELDS) {
      const wanted = lists[list]
      const marks = wanted?.map(() => '?').join(', ')
      // Of nothing, nothing is NULL: what has no value is in no list.
      if (wanted) add(`coalesce(${COLUMNS[field]} IN (${marks ?? ''}), 0) = ${word}`, ...wanted)
    }
  }
  addLists(values, '1')
  addLists(not ?? {}, '0')
  if (from !== undefined) add('at >= ?', from)
  if (before !== undefined) add('at < ?', before)
  if (after !== undefined) add('id < ?', after)
  const wanted = text?.toLowerCase()
  if (wanted !== undefined) add(HAS_TEXT, ...AUDIT_TEXTS.map(() => wanted))
  return database
    .all(`SELECT ${SELECTED} FROM audit WHERE ${conditions.join(' AND ')} ORDER BY id DESC LIMIT ?`, [...cells, limit])
    .map((row) => ({ ...row }) as unknown as AuditRecord)
}

/** Forgets old actions. */
export function forgetAudit(database: Database, { before, keep }: NonNullable<Sweep['audit']>): void {
  if (before !== null) database.run('DELETE FROM audit WHERE at < ?', [before])
  const newest = keep === null ? undefined : database.first(BEYOND, [keep])
  if (newest !== undefined) database.run('DELETE FROM audit WHERE id <= ?', [String(newest['id'])])
}
