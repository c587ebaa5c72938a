/*
 * The storage in one SQLite file, by Node's own `node:sqlite`. This side runs in the host's thread and only sends requests; `worker.ts`
 * has the database open in a thread of its own. `commit.ts` has the writes, the files named after records their statements,
 * `migrations/` the schema. It may import the storage port, errors and primitives.
 */
import { resolve } from 'node:path'

import { PerfectError } from '../../errors/perfect-error.ts'
import { systemClock, type Clock } from '../../primitives/clock.ts'
import type { Change, Receipt } from '../changes.ts'
import type { HostTransaction, Storage } from '../storage.ts'
import type { ShortReceipts } from './commit.ts'
import type { Answer, Args, Operation } from './messages.ts'
import { packChange } from './packed-changes.ts'
import { WorkerLink } from './worker-link.ts'

/** Options of {@link sqliteStorage}. */
export interface SqliteStorageOptions {
  /**
   * `full`: what is committed survives the loss of power. `relaxed`: it survives the end of the process, and the last moments before a
   * loss of power may be missing; writes are several times faster. Default: `full`.
   */
  readonly durability?: 'full' | 'relaxed'
  /** How long a write waits for another process that writes. Unit: ms. Range: >= 0. Default: 5000. */
  readonly busyTimeoutMs?: number
  /** Decides which leases have ended and which runs are due. Default: the clock of this machine. */
  readonly clock?: Clock
}

const BUSY_TIMEOUT_MS = 5000
const ACCEPTED: Receipt = Object.freeze({ accepted: true })

/**
 * A storage in one SQLite file; several processes of one machine may share it. The file and its folder are made when they are missing.
 *
 * @param path The file, or `:memory:` for a database that ends with the storage.
 * @throws {PerfectError} From `open()`: STORAGE_TOO_NEW when a newer version has written the file, STORAGE_CORRUPT when it is damaged,
 * not a database, or the database of another program, STORAGE_UNAVAILABLE when it cannot be opened or written.
 * @example
 * ```ts
 * const engine = new FlowEngine({ storage: sqliteStorage('data/perfect.db') })
 * ```
 */
export function sqliteStorage(path: string, options: SqliteStorageOptions = {}): Storage {
  const { durability = 'full', busyTimeoutMs = BUSY_TIMEOUT_MS, clock = systemClock } = options
  const isFile = path !== ':memory:'
  const file = isFile ? resolve(path) : path
  const link = new WorkerLink({ path: file, durability, busyTimeoutMs })
  let state: 'new' | 'open' | 'closed' = 'new'
  const ask: Ask = (operation, args) =>
    state === 'open' ? link.request(operation, args, clock.now()) : Promise.reject(notOpen(file))
  return {
    name: 'sqlite',
    capabilities: { durable: isFile, multiProcess: isFile },
    open: async () => {
      if (state === 'closed') throw notOpen(file)
      await link.request('open', null, clock.now())
      state = 'open'
    },
    commit: async (changes) => toReceipts(changes, await ask('commit', changes.map(packChange))),
    ...(isFile && { join: (handle) => join(file, handle, clock) }),
    runs: {
      get: async (id) => (await ask('runs.get', id)) ?? undefined,
      list: (query) => ask('runs.list', query),
      claimable: (query) => ask('runs.claimable', query),
      nextWakeAt: () => ask('runs.nextWakeAt', null),
      requested: (engineId) => ask('runs.requested', engineId),
      input: (runId) => ask('runs.input', runId),
      result: (runId) => ask('runs.result', runId),
    },
    tasks: {
      list: (runId) => ask('tasks.list', runId),
      progress: (runIds) => ask('tasks.progress', runIds),
      cached: async (key) => (await ask('tasks.cached', key)) ?? undefined,
    },
    line: {
      room: (limits) => ask('line.room', limits),
      ahead: ({ flowId, queueAt, id }) => ask('line.ahead', { flowId, queueAt, id }),
    },
    signals: {
      taker: async ({ runId, name, match }) => (await ask('signals.taker', { runId, name, match })) ?? undefined,
      list: (runId) => ask('signals.list', runId),
    },
    ...figureReads(ask),
    alerts: {
      get: async (id) => (await ask('alerts.get', id)) ?? undefined,
      list: (query) => ask('alerts.list', query),
      due: (query) => ask('alerts.due', query),
      nextAt: (rules) => ask('alerts.nextAt', rules),
    },
    ...userReads(ask),
    schedules: { list: () => ask('schedules.list', null) },
    logs: { list: (query) => ask('logs.list', query), count: (runId) => ask('logs.count', runId) },
    flows: { list: () => ask('flows.list', null), versions: (flowId) => ask('flows.versions', flowId) },
    engines: { list: () => ask('engines.list', null) },
    estimates: { get: async (key) => (await ask('estimates.get', key)) ?? undefined },
    close: async () => {
      if (state === 'closed') return
      state = 'closed'
      await link.close()
    },
  }
}

type Ask = <O extends Operation>(operation: O, args: Args<O>) => Promise<Answer<O>>

/** Of what users do and keep. */
function userReads(ask: Ask): Pick<Storage, 'audit' | 'views' | 'seen'> {
  return {
    audit: { list: (query) => ask('audit.list', query) },
    views: {
      get: async (id) => (await ask('views.get', id)) ?? undefined,
      list: (query) => ask('views.list', query),
    },
    seen: { marks: (user) => ask('seen.marks', user), count: (query) => ask('seen.count', query) },
  }
}

function figureReads(ask: Ask): Pick<Storage, 'stats' | 'failures'> {
  return {
    stats: {
      counts: () => ask('stats.counts', null),
      runs: (query) => ask('stats.runs', query),
      expired: (query) => ask('stats.expired', query),
      flowIds: () => ask('stats.flowIds', null),
    },
    failures: {
      list: (query) => ask('failures.list', query),
      flows: (fingerprint) => ask('failures.flows', fingerprint),
    },
  }
}

// Loaded by those who use it.
async function join(file: string, handle: unknown, clock: Clock): Promise<HostTransaction> {
  const { joinTransaction } = await import('./host-transaction.ts')
  return joinTransaction(file, handle, () => clock.now())
}

// The thread answers with 1 where there is nothing to tell that this side does not know.
function toReceipts(changes: readonly Change[], answers: ShortReceipts): readonly Receipt[] {
  return changes.map((change, index) => {
    const answer = answers === 1 ? 1 : (answers[index] ?? 1)
    if (answer !== 1) return answer
    return change.type === 'run.create' ? { accepted: true, run: change.run } : ACCEPTED
  })
}

function notOpen(path: string): PerfectError {
  return new PerfectError(
    'STORAGE_UNAVAILABLE',
    `The database "${path}" is not open. Call open() before it is used, and nothing after close().`,
    { details: { path } },
  )
}
