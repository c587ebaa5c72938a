import { firstIdAt } from '../../primitives/id.ts'
import type { Database } from './database.ts'

/** Where in the order of ids the runs of a stretch of time are. */
export interface IdBounds {
  readonly idFrom?: string
  readonly idBefore?: string
}

// An id is made in the same moment as the record that it names; the clock may be set in between.
const SLACK_MS = 60_000
// Ids that the engine makes lie between these until the year 3084. Others say nothing about time.
const FOREIGN = "SELECT 1 FROM runs WHERE id < 'run_0' UNION ALL SELECT 1 FROM runs WHERE id >= 'run_1' LIMIT 1"

/** Bounds for runs created in a stretch of time, so that a page of the past is found without reading all that came after. */
export function idBounds(
  database: Database,
  { createdFrom, createdBefore }: { readonly createdFrom?: number; readonly createdBefore?: number },
): IdBounds {
  if (createdFrom === undefined && createdBefore === undefined) return {}
  if (database.first(FOREIGN) !== undefined) return {}
  return {
    ...(createdFrom !== undefined && { idFrom: firstIdAt('run', createdFrom - SLACK_MS) }),
    ...(createdBefore !== undefined && { idBefore: firstIdAt('run', createdBefore + SLACK_MS) }),
  }
}
