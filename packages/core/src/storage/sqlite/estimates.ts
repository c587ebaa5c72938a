/* What was learned from past runs. */
import type { PutEstimateModel } from '../changes.ts'
import type { EstimateModelRecord } from '../records.ts'
import type { Database } from './database.ts'
import type { ShortReceipt } from './fence.ts'

const PUT = `
  INSERT OR REPLACE INTO estimate_models (flow_id, family, configuration, state, updated_at) VALUES (?, ?, ?, ?, ?)`
const GET = `
  SELECT flow_id AS flowId, family, configuration, state, updated_at AS updatedAt FROM estimate_models
  WHERE flow_id = ? AND family = ? AND configuration = ?`

/** Stores or replaces what was learned of a flow. */
export function putEstimate(database: Database, { model }: PutEstimateModel): ShortReceipt {
  const { flowId, family, configuration, state, updatedAt } = model
  database.run(PUT, [flowId, family, configuration, state, updatedAt])
  return 1
}

/** What was learned of a flow; null when nothing was. */
export function estimateOf(
  database: Database,
  key: Pick<EstimateModelRecord, 'flowId' | 'family' | 'configuration'>,
): EstimateModelRecord | null {
  const row = database.first(GET, [key.flowId, key.family, key.configuration])
  return (row as unknown as EstimateModelRecord | undefined) ?? null
}

/** Forgets what was not changed since an instant. */
export function forgetEstimates(database: Database, before: number): void {
  database.run('DELETE FROM estimate_models WHERE updated_at < ?', [before])
}
