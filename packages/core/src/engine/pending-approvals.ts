import { readAsk } from '../runner/wait-ask.ts'
import type { TaskRecord } from '../storage/records.ts'
import type { EngineParts } from './engine-parts.ts'

/** An approval that a run waits for. */
export interface PendingApproval {
  readonly runId: string
  readonly flowId: string
  readonly name: string
  /** What is to be decided, in a few words. */
  readonly title: string | null
  /** What there is to know for the decision, as JSON; structured values carry a `$type`. */
  readonly details: unknown
  /** Who may decide; null: anybody. */
  readonly approvers: readonly string[] | null
  readonly since: string
  /** When the run goes on without it; null: never. */
  readonly until: string | null
}

const MAX_RUNS = 200

/** Approvals that runs wait for, the oldest first. */
export async function pendingApprovals({ storage }: Pick<EngineParts, 'storage'>): Promise<readonly PendingApproval[]> {
  const runs = await storage.runs.list({ statuses: ['waiting', 'retrying', 'running'], limit: MAX_RUNS })
  const waiting = runs.filter(({ status, reason }) => status === 'running' || reason === 'approval')
  const found = await Promise.all(
    waiting.map(async ({ id: runId, flowId }) => {
      const tasks = await storage.tasks.list(runId)
      return tasks
        .filter(({ kind, status }) => kind === 'approval' && status === 'waiting')
        .map((record) => toPendingApproval(runId, flowId, record))
    }),
  )
  return found.flat().toSorted((left, right) => left.since.localeCompare(right.since))
}

function toPendingApproval(runId: string, flowId: string, record: TaskRecord): PendingApproval {
  const { name, startedAt, wakeAt } = record
  const { title, details, approvers } = readAsk(record)
  return {
    runId,
    flowId,
    name,
    title,
    details: details === null ? null : (JSON.parse(details) as unknown),
    approvers,
    since: toText(startedAt),
    until: wakeAt === null ? null : toText(wakeAt),
  }
}

function toText(instant: number): string {
  return new Date(instant).toISOString()
}
