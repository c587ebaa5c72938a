/* The audit log. */
import {
  AUDIT_FIELDS,
  AUDIT_TEXTS,
  type AuditFilter,
  type AuditQuery,
  type AuditRecord,
  type AuditValues,
  type EndAudit,
  type PutAudit,
} from '../audit-records.ts'
import type { Receipt, Sweep } from '../changes.ts'
import { byId } from '../run-rules.ts'
import { ACCEPTED, refused, type ChangeScope } from './scope.ts'
import type { MemoryState } from './state.ts'

/** Stores actions. */
export function putAudit({ state, transaction }: ChangeScope, { entries }: PutAudit): Receipt {
  for (const entry of entries) if (!state.audit.has(entry.id)) transaction.set(state.audit, entry.id, entry)
  return ACCEPTED
}

/** Stores how an action ended. */
export function endAudit({ state, transaction }: ChangeScope, { auditId, end }: EndAudit): Receipt {
  const entry = state.audit.get(auditId)
  if (entry === undefined) return refused('missing')
  if (entry.outcome !== 'begun') return refused('finished')
  transaction.set(state.audit, auditId, { ...entry, ...end })
  return ACCEPTED
}

/** Actions, the newest first. */
export function listAudit({ audit }: MemoryState, query: AuditQuery): readonly AuditRecord[] {
  const { after, limit } = query
  return [...audit.values()]
    .filter((entry) => (after === undefined || entry.id < after) && fits(entry, query))
    .toSorted((left, right) => byId(right, left))
    .slice(0, limit)
}

/** Forgets old actions. */
export function forgetAudit({ state, transaction }: ChangeScope, { before, keep }: NonNullable<Sweep['audit']>): void {
  const old = [...state.audit.values()].toSorted((left, right) => byId(right, left)).slice(keep ?? state.audit.size)
  for (const { id } of old) transaction.delete(state.audit, id)
  for (const { id, at } of state.audit.values()) if (before !== null && at < before) transaction.delete(state.audit, id)
}

function fits(entry: AuditRecord, { not, from, before, text, ...values }: AuditFilter): boolean {
  if ((from !== undefined && entry.at < from) || (before !== undefined && entry.at >= before)) return false
  if (AUDIT_FIELDS.some(([list, field]) => isIn(values[list], entry[field]) === false)) return false
  if (not && AUDIT_FIELDS.some(([list, field]) => isIn(not[list], entry[field]) === true)) return false
  const wanted = text?.toLowerCase()
  return (
    wanted === undefined ||
    AUDIT_TEXTS.some((field) =>
      String(entry[field] ?? '')
        .toLowerCase()
        .includes(wanted),
    )
  )
}

function isIn(list: AuditValues[keyof AuditValues], value: unknown): boolean | undefined {
  return list?.some((one) => one === value)
}
