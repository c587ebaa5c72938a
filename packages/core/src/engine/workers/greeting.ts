/* The answer to `hello`: which flows are accepted, and what becomes of the runs that the worker says it holds. */
import { registerFlows, type PermitFlow } from './flow-announcement.ts'
import { WORKER_LIMITS, type EngineMessage, type HeldRun, type HelloMessage, type RunVerdict } from './messages.ts'
import type { RemoteWorker } from './remote-worker.ts'
import type { WorkerPool } from './worker-pool.ts'
import type { WorkerRun } from './worker-run.ts'

// `timers`: a run that sleeps can be given back, and is given out again when it wakes.
const CAPABILITIES = ['timers'] as const

/** Makes the answer, and brings what the engine knows of the worker up to date. */
export async function greet(
  pool: WorkerPool,
  worker: RemoteWorker,
  hello: HelloMessage,
  permit: PermitFlow | null,
): Promise<EngineMessage> {
  const { host, times } = pool
  const { verdicts, flowIds } = await registerFlows(host, hello.flows, permit)
  worker.flowIds = new Set(flowIds)
  takeBackUnknown(pool, worker, hello.inFlight)
  const runs = await Promise.all(hello.inFlight.map((held) => judge(pool, worker, held)))
  return {
    type: 'welcome',
    protocol: 1,
    engineId: host.engineId,
    serverTime: new Date(host.clock.now()).toISOString(),
    heartbeatMs: times.heartbeatMs,
    leaseMs: host.leaseMs,
    limits: WORKER_LIMITS,
    capabilities: CAPABILITIES,
    flows: verdicts,
    runs,
  }
}

// What the worker does not know of was lost on the way to it.
function takeBackUnknown(pool: WorkerPool, worker: RemoteWorker, inFlight: readonly HeldRun[]): void {
  for (const run of worker.held.values()) {
    const isKnown = inFlight.some(({ runId, epoch }) => runId === run.key.runId && epoch === run.key.epoch)
    if (!isKnown) void pool.giveBack(run, 'blameless')
  }
}

async function judge(pool: WorkerPool, worker: RemoteWorker, held: HeldRun): Promise<RunVerdict> {
  const { runId, epoch, eventSeq } = held
  const known = worker.held.get(runId)
  if (known?.key.epoch === epoch && !known.isLost) {
    pool.renew(known)
    return goOn(known)
  }
  const found = await pool.host.resume({ runId, epoch, workerId: worker.id })
  if (found === 'revoked') return { runId, epoch, verdict: 'revoked' }
  if ('finished' in found) {
    // More events than were stored: the run was ended without the worker.
    if (eventSeq > found.eventSeq) return { runId, epoch, verdict: 'revoked' }
    worker.ended(runId, epoch, found.eventSeq)
    return { runId, epoch, verdict: 'continue', ackedSeq: found.eventSeq, ackedLogSeq: found.logSeq }
  }
  const run = pool.hold(worker, found, true)
  return run.isClosed ? { runId, epoch, verdict: 'revoked' } : goOn(run)
}

function goOn(run: WorkerRun): RunVerdict {
  const cancel = run.cancelRequest
  return { ...run.key, verdict: 'continue', ...run.acked, ...(cancel && { cancel }) }
}
