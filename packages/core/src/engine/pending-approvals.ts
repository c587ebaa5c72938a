import type { EngineParts } from './engine-parts.ts'

/** An approval that a run waits for. */
export interface PendingApproval {
  readonly runId: string
  readonly flowId: string
  readonly name: string
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
        .map(({ name, startedAt, wakeAt }) => ({
          runId,
          flowId,
          name,
          since: toText(startedAt),
          until: wakeAt === null ? null : toText(wakeAt),
        }))
    }),
  )
  return found.flat().toSorted((left, right) => left.since.localeCompare(right.since))
}

function toText(instant: number): string {
  return new Date(instant).toISOString()
}
