import type { RunStatus } from '../storage/records.ts'
import type { EngineParts } from './engine-parts.ts'
import type { EventLoopLag } from './observability/event-loop-lag.ts'
import {
  findReasons,
  overallStatus,
  type Finding,
  type HealthCode,
  type HealthStatus,
  type Vitals,
} from './observability/health-reasons.ts'

/** `idle`: made, not started. */
export type EngineState = 'idle' | 'running' | 'stopping' | 'stopped'

/** One reason why an engine is not well. */
export interface HealthReason {
  readonly code: HealthCode
  /** What it is and what to do, for people. */
  readonly message: string
  /** Since when, as far as it was noticed. RFC 3339, UTC. */
  readonly since: string
}

/** How an engine is doing. */
export interface EngineHealth {
  readonly status: HealthStatus
  /** Why it is not `ok`, the worst first. */
  readonly reasons: readonly HealthReason[]
  readonly engineId: string
  readonly state: EngineState
  readonly storage: string
  /** Runs per status; empty while the storage does not answer. */
  readonly runs: Partial<Record<RunStatus, number>>
  /** Since the start. Unit: ms. Range: >= 0. */
  readonly uptimeMs: number
  /** Runs of flows of this process that are driven now. Range: >= 0. */
  readonly running: number
  /** Runs that wait for a slot or a worker, over all engines of the storage. Range: >= 0. */
  readonly queued: number
  /** null while not enough was measured; measuring begins when it is asked for first. */
  readonly eventLoopLag: EventLoopLag | null
  /** Time of one read; null when the storage does not answer. Unit: ms. Range: >= 0. */
  readonly storageRoundTripMs: number | null
  /** Time since the lease was renewed; null before the start. Unit: ms. Range: >= 0. */
  readonly leaseAgeMs: number | null
}

// A probe must get its answer before it gives up itself.
const PATIENCE_MS = 5000

/** Reads how an engine is doing. Answers also while the storage does not. */
export async function readHealth(parts: EngineParts, state: EngineState): Promise<EngineHealth> {
  const { id, storage, clock, active, dispatcher, lease, observed } = parts
  const read = state === 'running' ? await readStorage(parts) : NOT_READ
  const leaseAgeMs = state === 'running' ? lease.ageMs : null
  const lag = observed.readLag()
  const vitals: Vitals = {
    outage: observed.storage.outage,
    storageRoundTripMs: read.tookMs,
    leaseAgeMs,
    leaseMs: lease.leaseMs,
    lag,
    freeSlots: dispatcher.freeSlots,
    oldestQueuedMs: read.oldestQueuedMs,
    clockJump: observed.clock.look(),
  }
  const findings = state === 'running' ? findReasons(vitals, observed.limits) : []
  return {
    status: overallStatus(findings),
    reasons: findings.map((finding) => toReason(finding, observed.sinceOf(finding, findings))),
    engineId: id,
    state,
    storage: storage.name,
    runs: read.runs,
    uptimeMs: observed.startedAt === null ? 0 : clock.monotonic() - observed.startedAt,
    running: active.driven,
    queued: read.runs.queued ?? 0,
    eventLoopLag: lag,
    storageRoundTripMs: read.tookMs,
    leaseAgeMs,
  }
}

function toReason({ code, message }: Finding, since: number): HealthReason {
  return { code, message, since: new Date(since).toISOString() }
}

interface StorageRead {
  readonly runs: Partial<Record<RunStatus, number>>
  readonly tookMs: number | null
  readonly oldestQueuedMs: number | null
}

const NOT_READ: StorageRead = { runs: {}, tookMs: null, oldestQueuedMs: null }

async function readStorage(parts: EngineParts): Promise<StorageRead> {
  const { clock, observed } = parts
  const gaveUp = Promise.withResolvers<StorageRead>()
  const stopTimer = clock.setTimer(PATIENCE_MS, () => gaveUp.resolve(NOT_READ))
  try {
    return await Promise.race([measureStorage(parts), gaveUp.promise])
  } catch (error) {
    observed.storage.failed(error)
    return NOT_READ
  } finally {
    stopTimer()
  }
}

async function measureStorage({ storage, registry, clock, dispatcher }: EngineParts): Promise<StorageRead> {
  const before = clock.monotonic()
  const runs = await storage.stats.counts()
  const tookMs = clock.monotonic() - before
  if (dispatcher.freeSlots > 0) return { runs, tookMs, oldestQueuedMs: null }
  const flows = registry.all().flatMap(({ id, run }) => (run === null ? [] : [{ id }]))
  const [oldest] = await storage.runs.claimable({ flows, limit: 1 })
  return { runs, tookMs, oldestQueuedMs: oldest ? Math.max(0, clock.now() - oldest.createdAt) : null }
}
