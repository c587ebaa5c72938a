import type { EngineHealth, FlowEngine } from '@perfect/core'

// Anybody may ask for the health, and each answer reads the storage.
const REUSE_MS = 1000

/** Gives the health of an engine, read at most once a second; null when the storage does not answer. */
export function createHealthCheck(engine: FlowEngine): () => Promise<EngineHealth | null> {
  let last: Promise<EngineHealth | null> | undefined
  let readAt = 0
  return () => {
    const now = performance.now()
    if (last === undefined || now - readAt >= REUSE_MS) {
      readAt = now
      last = engine.health().catch(() => null)
    }
    return last
  }
}
