import type { RunRecord } from '../storage/records.ts'
import type { CancelRun } from '../storage/run-changes.ts'
import { OPEN_RUN_STATUSES } from '../storage/run-rules.ts'
import type { EngineParts } from './engine-parts.ts'

const PAGE = 200

/** Open runs that a run has started, and those that they have started. */
export async function openDescendants(
  { storage }: Pick<EngineParts, 'storage'>,
  runId: string,
): Promise<readonly RunRecord[]> {
  const found: RunRecord[] = []
  const parents = [runId]
  for (let parentRunId = parents.pop(); parentRunId !== undefined; parentRunId = parents.pop()) {
    let before: string | undefined
    for (;;) {
      const query = { parentRunId, statuses: OPEN_RUN_STATUSES, limit: PAGE, ...(before !== undefined && { before }) }
      const page = await storage.runs.list(query)
      found.push(...page)
      // A run that somebody drives tells its own.
      parents.push(...page.map(({ id }) => id))
      before = page.at(-1)?.id
      if (page.length < PAGE) break
    }
  }
  return found
}

/** The requests that end runs. */
export function cancellations(
  runs: readonly RunRecord[],
  facts: Pick<CancelRun, 'at' | 'reason' | 'force'>,
): readonly CancelRun[] {
  return runs.map(({ id: runId }) => ({ type: 'run.cancel', runId, ...facts }))
}
