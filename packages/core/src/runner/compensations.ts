import type { RunJournal } from '../journal/run-journal.ts'
import type { TaskRecord } from '../storage/records.ts'
import { undoKey } from '../storage/run-rules.ts'
import type { TaskCall } from './run-task.ts'

type Records = ReadonlyMap<string, TaskRecord>

/** A task that succeeded and can be taken back. */
export interface UndoableCall {
  readonly call: TaskCall
  readonly record: TaskRecord
}

/** A task whose effect is there, or may be. */
export interface LeftCall {
  readonly key: string
  /** Why it was not taken back. */
  readonly reason: string
}

/**
 * The calls of one run that can be taken back, as its flow code makes them: their functions and arguments are known only from there.
 * What has become of them is in the records.
 */
export class Compensations {
  // Most runs have none.
  #calls: Map<string, TaskCall> | null = null
  #running: Set<string> | null = null

  /** A call was answered from its record. */
  replayed(call: TaskCall): void {
    if (call.definition.compensate !== null) (this.#calls ??= new Map()).set(call.key, call)
  }

  /** A call starts to run. */
  started(call: TaskCall): void {
    if (call.definition.compensate === null) return
    ;(this.#calls ??= new Map()).set(call.key, call)
    ;(this.#running ??= new Set()).add(call.key)
  }

  /** A call does not run any more. */
  stopped(key: string): void {
    this.#running?.delete(key)
  }

  /** Number of calls that have succeeded and have not been taken back. */
  count(records: Records): number {
    return this.pending(records).length
  }

  /** What of this a run is to store when it is given back; while it replays, more may be known to who held it before. */
  toTell({ records, run }: RunJournal, isReplaying: boolean): { readonly undoTasks?: number } {
    // What still runs, or waits for its record to be stored, may have had its effect by then.
    const known = this.count(records) + (this.#running?.size ?? 0)
    const undoTasks = isReplaying ? Math.max(known, run.undoTasks) : known
    return undoTasks === run.undoTasks ? {} : { undoTasks }
  }

  /** Whether something is to be taken back, or may have to be. */
  hasWork(records: Records): boolean {
    if (this.#calls === null) return false
    return (this.#running?.size ?? 0) > 0 || this.left(records).length > 0
  }

  /** Calls that have succeeded and whose compensation has not ended: the last that succeeded first. */
  pending(records: Records): readonly UndoableCall[] {
    const pending: UndoableCall[] = []
    for (const call of this.#calls?.values() ?? []) {
      const record = records.get(call.key)
      const isUndone = (records.get(undoKey(call.key))?.position ?? null) !== null
      if (record !== undefined && hasEffect(record) && !isUndone) pending.push({ call, record })
    }
    return pending.toSorted((left, right) => (right.record.position ?? 0) - (left.record.position ?? 0))
  }

  /** Calls whose effect is there, or may be there, in the order in which they were made. */
  left(records: Records): readonly LeftCall[] {
    return [...(this.#calls?.keys() ?? [])].flatMap((key) => {
      const reason = this.#reason(key, records)
      return reason === null ? [] : [{ key, reason }]
    })
  }

  #reason(key: string, records: Records): string | null {
    const record = records.get(key)
    if (this.#running?.has(key)) return 'it was still running'
    if (record?.error?.code === 'TASK_OUTCOME_UNKNOWN') return 'it is not known whether it had its effect'
    if (record === undefined || !hasEffect(record)) return null
    const undo = records.get(undoKey(key))
    if (undo?.status === 'succeeded') return null
    return undo?.error?.message ?? 'there was no time left'
  }
}

// A value that another run has kept is the effect of that run.
function hasEffect({ status, origin }: TaskRecord): boolean {
  return status === 'succeeded' && origin !== 'cache'
}
