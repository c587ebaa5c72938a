/* The audit log: who did what, when, and what came of it. */

/** How an action ended. `begun`: it is going on, or the process ended before it was known. */
export const AUDIT_OUTCOMES = ['begun', 'done', 'refused', 'failed'] as const
/** How an action ended: `refused` through what was asked, `failed` through no fault of who asked. */
export type AuditOutcome = (typeof AUDIT_OUTCOMES)[number]

/** One action. */
export interface AuditRecord {
  /** Sorts by time. */
  readonly id: string
  readonly at: number
  /** Through which it came: `http`, or a name of the host's. */
  readonly door: string
  /** Who did it; null when that was not known. */
  readonly actor: string | null
  /** Network address it came from. */
  readonly address: string | null
  readonly requestId: string | null
  /** `run.cancel`, `schedule.pause`. */
  readonly action: string
  /** Id of what it was done to. */
  readonly target: string | null
  /** The flow that this belongs to. */
  readonly flowId: string | null
  readonly outcome: AuditOutcome
  /** Of the error. */
  readonly code: string | null
  /** JSON text: a list of changed fields with what they were and are. */
  readonly changes: string
  /** JSON text of what else is known. */
  readonly facts: string
  /** When the outcome was known. */
  readonly endedAt: number | null
}

/** Values of actions; one fits when its value is one of each list that is given. */
export interface AuditValues {
  readonly actors?: readonly string[]
  readonly actions?: readonly string[]
  readonly outcomes?: readonly AuditOutcome[]
  readonly doors?: readonly string[]
  readonly targets?: readonly string[]
  readonly flowIds?: readonly string[]
}

/** Which actions. Everything that is given has to fit. */
export interface AuditFilter extends AuditValues {
  /** Actions that fit any of these lists are left out. */
  readonly not?: AuditValues
  /** At this instant or later. */
  readonly from?: number
  /** Before this instant. */
  readonly before?: number
  /** Actor, address, action, target, flow or code contains this text, upper and lower case being the same. */
  readonly text?: string
}

/** Which actions to list, the newest first: by `id`, falling. */
export interface AuditQuery extends AuditFilter {
  /** Only those after this one in the list. */
  readonly after?: string
  /** Range: >= 1. */
  readonly limit: number
}

/** Reads of the audit log. */
export interface AuditReads {
  /** Actions that fit the query. */
  list(query: AuditQuery): Promise<readonly AuditRecord[]>
}

/** Stores actions. One whose id is known is left as it is. */
export interface PutAudit {
  readonly type: 'audit.put'
  readonly entries: readonly AuditRecord[]
}

/** Stores how an action ended. Refused as `missing` when it is not known, as `finished` when that was stored before. */
export interface EndAudit {
  readonly type: 'audit.end'
  readonly auditId: string
  readonly end: Pick<AuditRecord, 'target' | 'flowId' | 'outcome' | 'code' | 'changes' | 'facts' | 'endedAt'>
}

/** Fields that take lists of values. */
export const AUDIT_FIELDS: readonly (readonly [list: keyof AuditValues, field: keyof AuditRecord])[] = [
  ['actors', 'actor'],
  ['actions', 'action'],
  ['outcomes', 'outcome'],
  ['doors', 'door'],
  ['targets', 'target'],
  ['flowIds', 'flowId'],
]

/** Fields that are searched for text. */
export const AUDIT_TEXTS: readonly (keyof AuditRecord)[] = ['actor', 'address', 'action', 'target', 'flowId', 'code']
