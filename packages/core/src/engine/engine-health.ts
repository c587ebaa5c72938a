import type { RunStatus } from '../storage/records.ts'
import type { EngineParts } from './engine-parts.ts'

/** `idle`: made, not started. */
export type EngineState = 'idle' | 'running' | 'stopping' | 'stopped'

/** How an engine is doing. */
export interface EngineHealth {
  /** `degraded`: the storage did not answer the last write. */
  readonly status: 'ok' | 'degraded'
  readonly engineId: string
  readonly state: EngineState
  readonly storage: string
  /** Runs per status. */
  readonly runs: Partial<Record<RunStatus, number>>
}

/** Reads how an engine is doing. */
export async function readHealth({ id, commit, storage }: EngineParts, state: EngineState): Promise<EngineHealth> {
  const status = commit.lastError === null ? 'ok' : 'degraded'
  const runs = state === 'running' ? await storage.stats.counts() : {}
  return { status, engineId: id, state, storage: storage.name, runs }
}
