import type { AlertRecord, AlertState } from './alert-records.ts'

/** Which alerts, the newest first; of one instant by id, falling. */
export interface AlertQuery {
  readonly states?: readonly AlertState[]
  readonly flowId?: string
  /** Only those after this one in the list. */
  readonly after?: { readonly createdAt: number; readonly id: string }
  /** Range: >= 1. */
  readonly limit: number
}

/** Reads of alerts. */
export interface AlertReads {
  /** The alert with this id. */
  get(id: string): Promise<AlertRecord | undefined>
  /** Alerts that fit the query. */
  list(query: AlertQuery): Promise<readonly AlertRecord[]>
  /** Pending alerts of these rules whose `nextAt` has come by the storage clock, by `nextAt`, then `id`. */
  due(query: { readonly rules: readonly string[]; readonly limit: number }): Promise<readonly AlertRecord[]>
  /** The earliest `nextAt` of a pending alert of these rules; null when there is none. */
  nextAt(rules: readonly string[]): Promise<number | null>
}
