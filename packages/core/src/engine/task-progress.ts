import type { RunRecord } from '../storage/records.ts'
import type { Storage } from '../storage/storage.ts'

/** Runs with the progress of their tasks: what the holder of a run has recorded may not have reached the run itself yet. */
export async function withTaskProgress(
  storage: Storage,
  records: readonly RunRecord[],
  isWanted: (record: RunRecord) => boolean,
): Promise<readonly RunRecord[]> {
  const held = records.filter((record) => record.engineId !== null && isWanted(record))
  if (held.length === 0) return records
  const found = await storage.tasks.progress(held.map(({ id }) => id))
  const byRun = new Map(found.map((progress) => [progress.runId, progress]))
  return records.map((record) => {
    const { progress = 0, tasksDone = 0 } = byRun.get(record.id) ?? {}
    const most = { progress: Math.max(record.progress, progress), tasksDone: Math.max(record.tasksDone, tasksDone) }
    return { ...record, ...most }
  })
}

/** A stored run with the progress of its tasks; null when there is no such run. */
export async function runWithProgress(storage: Storage, runId: string): Promise<RunRecord | null> {
  const stored = await storage.runs.get(runId)
  const [run] = stored ? await withTaskProgress(storage, [stored], () => true) : []
  return run ?? null
}
