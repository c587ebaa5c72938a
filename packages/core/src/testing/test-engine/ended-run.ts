import type { FlowEngine } from '../../engine/flow-engine.ts'
import type { LogView, RunView, TaskView } from '../../engine/views.ts'
import { deserializeError } from '../../errors/serialized-error.ts'
import { decodeValue } from '../../primitives/value.ts'
import type { FinalRunStatus } from '../../storage/records.ts'
import type { Storage } from '../../storage/storage.ts'

/** A run that has ended, as a test looks at it. */
export interface EndedRun<Out = unknown> {
  readonly id: string
  readonly status: FinalRunStatus
  /** What the flow returned; undefined unless it succeeded. */
  readonly result: Out | undefined
  /** What the flow failed with; null unless it failed or was cancelled. */
  readonly error: Error | null
  readonly run: RunView
  /** In the order of their start. */
  readonly tasks: readonly TaskView[]
  /** Its first 1,000 lines. */
  readonly logs: readonly LogView[]
}

const MAX_LINES = 1000

export async function readEndedRun<Out>(engine: FlowEngine, storage: Storage, runId: string): Promise<EndedRun<Out>> {
  const { run, tasks } = await engine.getRunDetail(runId)
  const [record, text, logs] = await Promise.all([
    storage.runs.get(runId),
    storage.runs.result(runId),
    engine.getLogs(runId, { limit: MAX_LINES }),
  ])
  return {
    id: runId,
    status: run.status as FinalRunStatus,
    result: text === null ? undefined : (decodeValue(text) as Out),
    error: record?.error ? deserializeError(record.error) : null,
    run,
    tasks,
    logs: logs.items,
  }
}
