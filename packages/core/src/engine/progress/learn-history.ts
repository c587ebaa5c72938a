import type { Storage } from '../../storage/storage.ts'
import { FlowModel, type LearnedRun } from './flow-model.ts'
import { toLearnedRun } from './learned-run.ts'
import { modelKeyOf, type ModelKey } from './model-key.ts'

// As many as a model keeps; some of them may be of other versions.
const MAX_RUNS = 60
// Reading a history of huge runs is not worth more than this.
const MAX_RECORDS = 50_000

/** Makes what is known of a flow from its stored runs, the oldest first. */
export async function learnHistory({ storage }: { readonly storage: Storage }, key: ModelKey): Promise<FlowModel> {
  const { flowId, family, configuration } = key
  const model = FlowModel.empty()
  const found = await storage.runs.list({
    flowIds: [flowId],
    configurations: [configuration],
    statuses: ['succeeded'],
    limit: MAX_RUNS,
  })
  const runs = found.filter((run) => run.retryOf === null && modelKeyOf(run).family === family)
  const past: LearnedRun[] = []
  let records = 0
  for (const { id, startedAt, finishedAt } of runs) {
    if (records > MAX_RECORDS) break
    const tasks = await storage.tasks.list(id)
    records += tasks.length
    if (startedAt !== null && finishedAt !== null) past.push(toLearnedRun(id, tasks, { startedAt, finishedAt }))
  }
  for (const run of past.toReversed()) model.learn(run)
  return model
}
