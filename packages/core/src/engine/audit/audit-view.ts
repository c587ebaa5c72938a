import type { AuditFilter, AuditOutcome, AuditRecord } from '../../storage/audit-records.ts'

/** What is known of an action when it begins. */
export interface AuditEntry {
  /** Through which it came: `http`, or a name of the host's. */
  readonly door: string
  /** Who did it; null when that is not known. */
  readonly actor: string | null
  /** What was done, such as `run.cancel`. */
  readonly action: string
  /** Network address it came from. */
  readonly address?: string | null
  /** Identifier of the request. */
  readonly requestId?: string | null
  /** Id of what it was done to. */
  readonly target?: string | null
  /** Id of the flow that this belongs to. */
  readonly flowId?: string | null
  /** What else is known, as JSON. Secrets do not belong here. */
  readonly facts?: Readonly<Record<string, unknown>>
}

/** How an action ended. */
export interface AuditEnd {
  readonly outcome: Exclude<AuditOutcome, 'begun'>
  /** Of the error. */
  readonly code?: string | null
  /** What has changed. */
  readonly changes?: readonly AuditChange[]
  /** In the place of what the entry says, when it is known only now. */
  readonly target?: string | null
  /** In the place of what the entry says, when it is known only now. */
  readonly flowId?: string | null
  /** Together with what the entry says. */
  readonly facts?: Readonly<Record<string, unknown>>
}

/** A field that has changed. */
export interface AuditChange {
  readonly field: string
  /** As JSON; null when there was nothing. */
  readonly before: unknown
  /** As JSON; null when nothing is left. */
  readonly after: unknown
}

/** An action of the audit log. */
export interface AuditView {
  readonly id: string
  readonly at: string
  /** Through which it came: `http`, or a name of the host's. */
  readonly door: string
  /** Who did it; null when that is not known. */
  readonly actor: string | null
  /** Network address it came from; behind a proxy, the proxy's. */
  readonly address: string | null
  readonly requestId: string | null
  /** What was done, such as `run.cancel`. */
  readonly action: string
  /** Id of what it was done to. */
  readonly target: string | null
  readonly flowId: string | null
  /** `begun`: it is going on, or the process ended before its outcome was stored. */
  readonly outcome: AuditOutcome
  /** Of the error that it ended with. */
  readonly code: string | null
  readonly changes: readonly AuditChange[]
  readonly facts: Readonly<Record<string, unknown>>
  readonly endedAt: string | null
}

/** Which actions, the newest first. */
export interface AuditLogQuery extends AuditFilter {
  /** `nextCursor` of the page before. */
  readonly cursor?: string
  /** Range: 1..200. Default: 50. */
  readonly limit?: number
}

/** A stored action as it is shown. */
export function toAuditView({ at, changes, facts, endedAt, ...entry }: AuditRecord): AuditView {
  return {
    ...entry,
    at: new Date(at).toISOString(),
    changes: JSON.parse(changes) as readonly AuditChange[],
    facts: JSON.parse(facts) as Readonly<Record<string, unknown>>,
    endedAt: endedAt === null ? null : new Date(endedAt).toISOString(),
  }
}
