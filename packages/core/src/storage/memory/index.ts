/*
 * The storage that forgets: everything lives in maps of this process. It is the reference for other adapters: what is written here is
 * what the storage cases of `@perfect/core/testing` ask for. `commit.ts` has the writes, the files beside it one kind of record each.
 */
import { PerfectError } from '../../errors/perfect-error.ts'
import { systemClock, type Clock } from '../../primitives/clock.ts'
import type { AlertReads } from '../alert-reads.ts'
import { byId } from '../run-rules.ts'
import type { LineReads, Storage } from '../storage.ts'
import type { MemoryState } from './state.ts'
import type * as tables from './tables.ts'

/** Options of {@link memoryStorage}. */
export interface MemoryStorageOptions {
  /** Decides which leases have ended and which runs are due. Default: the clock of this machine. */
  readonly clock?: Clock
}

type Read = <T>(select: (from: MemoryState, code: typeof tables) => T) => Promise<T>

// A host with another storage never needs it.
let loaded: typeof tables | undefined

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
  let opened: { readonly state: MemoryState; readonly code: typeof tables } | null = null
  let isClosed = false
  const read: Read = (select) =>
    new Promise((resolve) => {
      if (opened === null || isClosed) throw notOpen()
      resolve(select(opened.state, opened.code))
    })
  return {
    name: 'memory',
    capabilities: { durable: false, multiProcess: false },
    open: async () => {
      if (isClosed) throw notOpen()
      const code = (loaded ??= await import('./tables.ts'))
      opened ??= { state: code.emptyState(), code }
    },
    commit: (changes) => read((from, { commit }) => commit(from, changes, clock.now())),
    runs: {
      get: (id) => read(({ runs }) => runs.get(id)?.record),
      list: (query) => read((from, { listRuns }) => listRuns(from, query)),
      claimable: (query) => read((from, { claimableRuns }) => claimableRuns(from, query, clock.now())),
      nextWakeAt: () => read((from, { nextWakeAt }) => nextWakeAt(from)),
      requested: (engineId) => read((from, { requestedRuns }) => requestedRuns(from, engineId)),
      input: (runId) => read(({ runs }) => runs.get(runId)?.input ?? null),
      result: (runId) => read(({ runs }) => runs.get(runId)?.result ?? null),
    },
    tasks: {
      list: (runId) => read((from, { listTasks }) => listTasks(from, runId)),
      progress: (runIds) => read((from, { tasksProgress }) => tasksProgress(from, runIds)),
      cached: (key) => read((from, { cachedValue }) => cachedValue(from, key, clock.now())),
    },
    line: lineReads(read, clock),
    signals: {
      taker: (signal) => read((from, { takerOf }) => takerOf(from, signal)),
      list: (runId) => read((from, { signalsOf }) => signalsOf(from, runId)),
    },
    ...figureReads(read),
    alerts: alertReads(read, clock),
    ...userReads(read),
    schedules: { list: () => read(({ schedules }) => [...schedules.values()].toSorted(byId)) },
    logs: {
      list: (query) => read(({ runs }, { selectLogs }) => selectLogs(runs.get(query.runId)?.logs ?? [], query)),
      count: (runId) => read(({ runs }) => runs.get(runId)?.logs.length ?? 0),
    },
    flows: {
      list: () => read(({ flows }) => [...flows.values()].toSorted(byId)),
      versions: (flowId) => read((from, { versionsOf }) => versionsOf(from, flowId)),
    },
    engines: { list: () => read(({ engines }) => [...engines.values()].toSorted(byId)) },
    estimates: { get: (key) => read((from, { estimateOf }) => estimateOf(from, key)) },
    close: async () => {
      isClosed = true
      await Promise.resolve()
    },
  }
}

function figureReads(read: Read): Pick<Storage, 'stats' | 'failures'> {
  return {
    stats: {
      counts: () => read((from, { countRuns }) => countRuns(from)),
      runs: (query) => read((from, { runStats }) => runStats(from, query)),
      expired: (query) => read((from, { expiredRuns }) => expiredRuns(from, query)),
      flowIds: () => read((from, { flowIds }) => flowIds(from)),
    },
    failures: {
      list: (query) => read((from, { listFailures }) => listFailures(from, query)),
      flows: (fingerprint) => read((from, { flowsOfFailure }) => flowsOfFailure(from, fingerprint)),
    },
  }
}

/** Of what users do and keep. */
function userReads(read: Read): Pick<Storage, 'audit' | 'views' | 'seen'> {
  return {
    audit: { list: (query) => read((from, { listAudit }) => listAudit(from, query)) },
    views: {
      get: (id) => read(({ views }) => views.get(id)),
      list: (query) => read((from, { listViews }) => listViews(from, query)),
    },
    seen: {
      marks: (user) => read((from, { seenMarks }) => seenMarks(from, user)),
      count: (query) => read((from, { countNews }) => countNews(from, query)),
    },
  }
}

function alertReads(read: Read, clock: Clock): AlertReads {
  return {
    get: (id) => read(({ alerts }) => alerts.get(id)),
    list: (query) => read((from, { listAlerts }) => listAlerts(from, query)),
    due: (query) => read((from, { dueAlerts }) => dueAlerts(from, query, clock.now())),
    nextAt: (rules) => read((from, { nextAlertAt }) => nextAlertAt(from, rules)),
  }
}

function lineReads(read: Read, clock: Clock): LineReads {
  return {
    room: (limits) => read((from, { roomOf }) => limits.map((limit) => roomOf(from, limit, clock.now()))),
    ahead: (run) => read((from, { runsAhead }) => runsAhead(from, run)),
  }
}

function notOpen(): PerfectError {
  return new PerfectError(
    'STORAGE_UNAVAILABLE',
    'The storage is not open. Call open() before it is used, and nothing after close().',
  )
}
