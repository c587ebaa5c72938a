import type { Receipt, Refusal } from '../changes.ts'
import { FINAL_RUN_STATUSES, type RunStatus } from '../records.ts'
import type { Fence } from '../run-changes.ts'
import { isFinalRun } from '../run-rules.ts'
import type { Cell, Database } from './database.ts'

/** What became of a change, as it is sent to the caller: 1 for accepted with nothing more to tell. */
export type ShortReceipt = 1 | Receipt

/** SQL list of the final statuses. */
const FINAL: string = sqlList(FINAL_RUN_STATUSES)
/** Condition on a row of runs: it has not ended. */
export const IS_OPEN: string = `status NOT IN ${FINAL}`
/** Condition on a row of runs: the fence holds it. Cells: {@link fenceCells}. */
export const IS_HELD: string = `id = ? AND epoch = ? AND engine_id = ? AND ${IS_OPEN}`
/** Condition on a row of runs: no living engine holds it. Cell: time of the storage clock. */
export const IS_FREE: string =
  '(engine_id IS NULL OR NOT EXISTS (SELECT 1 FROM engines WHERE engines.id = runs.engine_id AND lease_until > ?))'

/** The cells of {@link IS_HELD}. */
export function fenceCells(fence: Fence): Cell[] {
  return [fence.runId, fence.epoch, fence.engineId]
}

/** The receipt of a change that was refused. */
export function refused(reason: Refusal): Receipt {
  return { accepted: false, refusal: reason }
}

/** Why a write found no row, when it was not the task: the run is missing, has ended, or is held by someone else. */
export function refusal(database: Database, runId: string): Receipt {
  const row = database.first('SELECT status FROM runs WHERE id = ?', [runId])
  if (row === undefined) return refused('missing')
  return refused(isFinalRun(row['status'] as RunStatus) ? 'finished' : 'stale')
}

/** A list of words as SQL; only for words of our own. */
export function sqlList(words: readonly string[]): string {
  return `(${words.map((word) => `'${word}'`).join(', ')})`
}
