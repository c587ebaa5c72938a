/*
 * The audit log: who did what, when, and what came of it. An action is written down before it is done: whatever was done is in the log,
 * and what is in the log without an outcome may have been done.
 */
import { PerfectError } from '../../errors/perfect-error.ts'
import type { AuditRecord } from '../../storage/audit-records.ts'
import type { EngineParts } from '../engine-parts.ts'
import { checkLimit, cursorInvalid } from '../page-query.ts'
import type { Page } from '../views.ts'
import { toAuditView, type AuditEnd, type AuditEntry, type AuditLogQuery, type AuditView } from './audit-view.ts'

/** What an audit log works with. */
export interface AuditLogParts extends Pick<EngineParts, 'storage' | 'commit' | 'clock' | 'ids'> {
  /** Makes the storage ready. */
  readonly start: () => Promise<void>
}

/** An action that is going on. */
export interface BegunAction {
  readonly id: string
  /** Stores how it ended; what comes of that does not change the action. @throws {PerfectError} STORAGE_UNAVAILABLE, ENGINE_STOPPED */
  end(end: AuditEnd): Promise<void>
}

const DEFAULT_LIMIT = 50
const MAX_LIMIT = 200
// Entries that wait for a storage that is away are in memory.
const MAX_UNSTORED = 1000

/**
 * The audit log of an engine. The HTTP API writes down what its callers do; a host does so for its own doors.
 *
 * @example
 * ```ts
 * const action = await engine.audit.begin({ door: 'cli', actor: 'ann', action: 'run.cancel', target: run.id })
 * await engine.cancelRun(run.id)
 * await action.end({ outcome: 'done' })
 * ```
 */
export class AuditLog {
  readonly #parts: AuditLogParts
  #unstored = 0

  constructor(parts: AuditLogParts) {
    this.#parts = parts
  }

  /**
   * Writes down what is going to be done. Do it only when this has returned: when it cannot be written, it throws.
   *
   * @throws {PerfectError} REQUEST_INVALID, STORAGE_UNAVAILABLE, ENGINE_STOPPED
   */
  async begin(entry: AuditEntry): Promise<BegunAction> {
    await this.#parts.start()
    const record = toAuditRecord(this.#parts, entry)
    await this.#parts.commit.append([{ type: 'audit.put', entries: [record] }], 'impatient')
    return this.#begun(record)
  }

  /**
   * The same without waiting, for an action that is one write of this engine and begins in the same turn: it is stored in the same commit as
   * the action or in an earlier one, and later than this returns. The engine has to be started. When the storage is far behind, it waits.
   *
   * @throws {PerfectError} REQUEST_INVALID, STORAGE_UNAVAILABLE, ENGINE_STOPPED
   */
  beginWith(entry: AuditEntry): BegunAction | Promise<BegunAction> {
    if (this.#unstored >= MAX_UNSTORED) return this.begin(entry)
    const record = toAuditRecord(this.#parts, entry)
    const settled = (): void => void this.#unstored--
    this.#unstored++
    // Waits for a storage that is away, since the action may get through once it is back. What the engine does not store any more when it
    // stops, the action, which comes later, does not either.
    this.#parts.commit.offer([{ type: 'audit.put', entries: [record] }], settled, settled)
    return this.#begun(record)
  }

  /** Writes down what has happened already, such as a caller that was refused. @throws {PerfectError} REQUEST_INVALID, STORAGE_UNAVAILABLE, ENGINE_STOPPED */
  record(entry: AuditEntry, end: AuditEnd): Promise<void> {
    return this.recordAll([entry], end)
  }

  /** The same for many actions that ended in the same way, in one write. @throws {PerfectError} REQUEST_INVALID, STORAGE_UNAVAILABLE, ENGINE_STOPPED */
  async recordAll(entries: readonly AuditEntry[], { outcome, code = null, changes = [] }: AuditEnd): Promise<void> {
    await this.#parts.start()
    const text = toText('changes', changes)
    const ended = entries.map((entry): AuditRecord => {
      const record = toAuditRecord(this.#parts, entry)
      return { ...record, outcome, code, changes: text, endedAt: record.at }
    })
    if (ended.length > 0) await this.#parts.commit.append([{ type: 'audit.put', entries: ended }], 'impatient')
  }

  /** Actions that fit, the newest first. @throws {PerfectError} CURSOR_INVALID, REQUEST_INVALID, STORAGE_UNAVAILABLE */
  async list({ cursor, limit = DEFAULT_LIMIT, ...filter }: AuditLogQuery = {}): Promise<Page<AuditView>> {
    await this.#parts.start()
    checkLimit(limit, MAX_LIMIT)
    if (cursor !== undefined && !/^aud_\w+$/.test(cursor)) throw cursorInvalid(cursor)
    const query = { ...filter, ...(cursor !== undefined && { after: cursor }), limit: limit + 1 }
    const records = await this.#parts.storage.audit.list(query)
    const page = records.slice(0, limit)
    const last = records.length > limit ? page.at(-1) : undefined
    return { items: page.map(toAuditView), nextCursor: last?.id ?? null }
  }

  #begun(record: AuditRecord): BegunAction {
    const { commit, clock } = this.#parts
    return {
      id: record.id,
      async end({ outcome, code = null, changes = [], target, flowId, facts = {} }) {
        const end = {
          target: target === undefined ? record.target : target,
          flowId: flowId === undefined ? record.flowId : flowId,
          outcome,
          code,
          changes: toText('changes', changes),
          facts: toText('facts', { ...(JSON.parse(record.facts) as object), ...facts }),
          endedAt: clock.now(),
        }
        await commit.append([{ type: 'audit.end', auditId: record.id, end }], 'impatient')
      },
    }
  }
}

/** An action as it is stored when it begins. @throws {PerfectError} REQUEST_INVALID */
export function toAuditRecord(
  { ids, clock }: Pick<EngineParts, 'ids' | 'clock'>,
  { door, actor, action, address, requestId, target, flowId, facts = {} }: AuditEntry,
): AuditRecord {
  for (const [field, value] of Object.entries({ door, action }))
    if (typeof value !== 'string' || value === '') throw invalid(field, value, 'a text that is not empty')
  return {
    id: ids.next('aud'),
    at: clock.now(),
    door,
    actor,
    address: address ?? null,
    requestId: requestId ?? null,
    action,
    target: target ?? null,
    flowId: flowId ?? null,
    outcome: 'begun',
    code: null,
    changes: '[]',
    facts: toText('facts', facts),
    endedAt: null,
  }
}

function toText(field: string, value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch {
    throw invalid(field, 'no JSON', 'plain values')
  }
}

function invalid(field: string, value: unknown, allowed: string): PerfectError {
  return new PerfectError('REQUEST_INVALID', `"${field}" is ${String(value)}. Give ${allowed}.`, {
    details: { field, value: String(value) },
  })
}
