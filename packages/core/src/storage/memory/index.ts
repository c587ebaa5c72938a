/*
 * The storage that forgets: everything lives in maps of this process. It is the reference for other adapters: what is written here is
 * what the storage cases of `@perfect/core/testing` ask for. `commit.ts` has the writes, the files beside it one kind of record each.
 */
import { PerfectError } from '../../errors/perfect-error.ts'
import { systemClock, type Clock } from '../../primitives/clock.ts'
import type { AlertReads } from '../alert-reads.ts'
import { byId } from '../run-rules.ts'
import type { LineReads, Storage } from '../storage.ts'
import { dueAlerts, listAlerts, nextAlertAt } from './alerts.ts'
import { listAudit } from './audit.ts'
import { claimableRuns } from './claimable-runs.ts'
import { commit } from './commit.ts'
import { estimateOf } from './estimates.ts'
import { flowsOfFailure, listFailures } from './failures.ts'
import { roomOf } from './limits.ts'
import { selectLogs } from './logs.ts'
import { versionsOf } from './registry.ts'
import { expiredRuns, flowIds } from './retention.ts'
import { listRuns, nextWakeAt, requestedRuns, runsAhead } from './run-reads.ts'
import { signalsOf } from './signals-of-run.ts'
import { takerOf } from './signals.ts'
import { emptyState, type MemoryState } from './state.ts'
import { countRuns, runStats } from './stats.ts'
import { cachedValue, listTasks, tasksProgress } from './tasks.ts'

/** Options of {@link memoryStorage}. */
export interface MemoryStorageOptions {
  /** Decides which leases have ended and which runs are due. Default: the clock of this machine. */
  readonly clock?: Clock
}

/**
 * A storage in memory, for tests and for runs that need not outlive their process.
 *
 * @example
 * ```ts
 * const engine = new FlowEngine({ storage: memoryStorage() })
 * ```
 */
export function memoryStorage(options: MemoryStorageOptions = {}): Storage {
  const clock = options.clock ?? systemClock
  const state = emptyState()
  let phase: 'new' | 'open' | 'closed' = 'new'
  const read = <T>(select: (from: MemoryState) => T): Promise<T> =>
    new Promise((resolve) => {
      if (phase !== 'open') throw notOpen()
      resolve(select(state))
    })
  return {
    name: 'memory',
    capabilities: { durable: false, multiProcess: false },
    open: async () => {
      if (phase === 'closed') throw notOpen()
      phase = 'open'
      await Promise.resolve()
    },
    commit: (changes) => read(() => commit(state, changes, clock.now())),
    runs: {
      get: (id) => read(({ runs }) => runs.get(id)?.record),
      list: (query) => read(() => listRuns(state, query)),
      claimable: (query) => read(() => claimableRuns(state, query, clock.now())),
      nextWakeAt: () => read(nextWakeAt),
      requested: (engineId) => read((from) => requestedRuns(from, engineId)),
      input: (runId) => read(({ runs }) => runs.get(runId)?.input ?? null),
      result: (runId) => read(({ runs }) => runs.get(runId)?.result ?? null),
    },
    tasks: {
      list: (runId) => read((from) => listTasks(from, runId)),
      progress: (runIds) => read((from) => tasksProgress(from, runIds)),
      cached: (key) => read((from) => cachedValue(from, key, clock.now())),
    },
    line: lineReads(read, clock),
    signals: {
      taker: (signal) => read((from) => takerOf(from, signal)),
      list: (runId) => read((from) => signalsOf(from, runId)),
    },
    ...figureReads(read),
    alerts: alertReads(read, clock),
    audit: { list: (query) => read((from) => listAudit(from, query)) },
    schedules: { list: () => read(({ schedules }) => [...schedules.values()].toSorted(byId)) },
    logs: {
      list: (query) => read(({ runs }) => selectLogs(runs.get(query.runId)?.logs ?? [], query)),
      count: (runId) => read(({ runs }) => runs.get(runId)?.logs.length ?? 0),
    },
    flows: {
      list: () => read(({ flows }) => [...flows.values()].toSorted(byId)),
      versions: (flowId) => read((from) => versionsOf(from, flowId)),
    },
    engines: { list: () => read(({ engines }) => [...engines.values()].toSorted(byId)) },
    estimates: { get: (key) => read((from) => estimateOf(from, key)) },
    close: async () => {
      phase = 'closed'
      await Promise.resolve()
    },
  }
}

function figureReads(read: <T>(select: (from: MemoryState) => T) => Promise<T>): Pick<Storage, 'stats' | 'failures'> {
  return {
    stats: {
      counts: () => read(countRuns),
      runs: (query) => read((from) => runStats(from, query)),
      expired: (query) => read((from) => expiredRuns(from, query)),
      flowIds: () => read(flowIds),
    },
    failures: {
      list: (query) => read((from) => listFailures(from, query)),
      flows: (fingerprint) => read((from) => flowsOfFailure(from, fingerprint)),
    },
  }
}

function alertReads(read: <T>(select: (from: MemoryState) => T) => Promise<T>, clock: Clock): AlertReads {
  return {
    get: (id) => read(({ alerts }) => alerts.get(id)),
    list: (query) => read((from) => listAlerts(from, query)),
    due: (query) => read((from) => dueAlerts(from, query, clock.now())),
    nextAt: (rules) => read((from) => nextAlertAt(from, rules)),
  }
}

function lineReads(read: <T>(select: (from: MemoryState) => T) => Promise<T>, clock: Clock): LineReads {
  return {
    room: (limits) => read((from) => limits.map((limit) => roomOf(from, limit, clock.now()))),
    ahead: (run) => read((from) => runsAhead(from, run)),
  }
}

function notOpen(): PerfectError {
  return new PerfectError(
    'STORAGE_UNAVAILABLE',
    'The storage is not open. Call open() before it is used, and nothing after close().',
  )
}
