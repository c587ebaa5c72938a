/* What a wait tells of itself in its record, as long as it waits: for people, and for those who send. */
import type { SignalWait } from '../definition/flow-scope.ts'
import { decodeValue, encodeValue } from '../primitives/value.ts'
import type { TaskRecord } from '../storage/records.ts'

/** What an open wait asks for. */
export interface WaitAsk {
  readonly title: string | null
  /** Stored text of what there is to know for a decision. */
  readonly details: string | null
  /** Who may decide; null: anybody. */
  readonly approvers: readonly string[] | null
  /** Whether what is sent is checked by a schema, which only the code of the flow has. */
  readonly hasSchema: boolean
}

const NOTHING: WaitAsk = { title: null, details: null, approvers: null, hasSchema: false }

/** The value of the record of a wait; null when there is nothing to tell. */
export function toAskText({ title, details, approvers, schema }: SignalWait): string | null {
  const ask: WaitAsk = { title, details, approvers, hasSchema: schema !== null }
  const isPlain = title === null && details === null && approvers === null && schema === null
  return isPlain ? null : encodeValue(ask, 'wait')
}

/** What a record of an open wait tells. */
export function readAsk({ status, value }: Pick<TaskRecord, 'status' | 'value'>): WaitAsk {
  return status !== 'waiting' || value === null ? NOTHING : (decodeValue(value) as WaitAsk)
}
