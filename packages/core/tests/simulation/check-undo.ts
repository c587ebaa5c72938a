/* What a run did is taken back when it fails or is cancelled, and only then. */
import { UNDO_RECORD } from '../../src/runner/undo-run.ts'
import type { RunRecord } from '../../src/storage/records.ts'
import { undoKey } from '../../src/storage/run-rules.ts'
import type { Audit } from './audit.ts'

/** @param undoable Names of the tasks that can be taken back. */
export function checkUndo(audit: Audit, run: RunRecord, undoable: ReadonlySet<string>): void {
  const records = audit.recordsOf(run.id)
  const undone = records.filter(({ kind }) => kind === 'undo')
  if (run.status === 'succeeded') {
    if (undone.length > 0) audit.violation('undo', `${run.id} succeeded and was undone`)
    return
  }
  // A run that is given up for its crashes ends without its code; one that cannot be undone, as a whole, says so.
  const saysSo = undone.some(({ key, status }) => key === UNDO_RECORD && status === 'failed')
  if (run.error?.code === 'CRASH_LOOP' || saysSo) return
  const done = records.filter(
    ({ kind, name, status }) => kind === 'task' && status === 'succeeded' && undoable.has(name),
  )
  for (const { key } of done)
    if (!undone.some((record) => record.key === undoKey(key) && record.status === 'succeeded'))
      audit.violation(
        'undo',
        `${key} of ${run.id}, which is ${run.status} (${String(run.error?.code)}), was not undone`,
      )
}
