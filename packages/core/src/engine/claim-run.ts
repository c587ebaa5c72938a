import type { GroupCommit } from '../journal/group-commit.ts'
import type { Clock } from '../primitives/clock.ts'
import type { RunRecord } from '../storage/records.ts'
import type { Limit } from '../storage/run-changes.ts'
import type { Storage } from '../storage/storage.ts'
import { readPatiently } from './patient-read.ts'

/**
 * Takes a run that was found to be claimable; `missed` when somebody else was faster, or when a limit is used up: until when, or null when
 * only the end of another run tells. An answer that was lost on its way is no loss:
 * a run that is held in the name of this engine, one epoch on, was taken by this very call.
 */
export async function claimRun(
  parts: { readonly engineId: string; readonly storage: Storage; readonly commit: GroupCommit; readonly clock: Clock },
  found: RunRecord,
  { workerId, limits }: { readonly workerId: string | null; readonly limits: readonly Limit[] },
): Promise<RunRecord | 'missed' | { readonly retryAt: number | null }> {
  const { engineId, storage, commit } = parts
  const { id: runId, epoch: expectedEpoch } = found
  const [receipt] = await commit.append(
    [{ type: 'run.claim', runId, expectedEpoch, engineId, workerId, limits }],
    'patient',
  )
  if (receipt?.accepted && receipt.run) return receipt.run
  if (receipt?.accepted === false && receipt.refusal === 'limited') return { retryAt: receipt.retryAt ?? null }
  const run = await readPatiently(parts, () => storage.runs.get(runId))
  const isOurs = run?.engineId === engineId && run.workerId === workerId && run.epoch === expectedEpoch + 1
  return isOurs ? run : 'missed'
}
