import { PerfectError } from '../errors/perfect-error.ts'
import type { Storage } from '../storage/storage.ts'

/** What goes wrong, and when. */
export interface FaultPlan {
  /** Which calls are counted. Default: `commits`. */
  readonly calls?: 'commits' | 'all'
  /** The first call that goes wrong. Range: >= 1; 1 is the first one. */
  readonly at: number
  /**
   * `fail`: the call is refused as STORAGE_UNAVAILABLE. `crash`: neither this call nor any later one is ever answered, and later ones
   * store nothing, as if the process had been killed here.
   */
  readonly kind: 'fail' | 'crash'
  /** `before`: the call does nothing. `after`: it is done, and only its answer is lost. */
  readonly moment: 'before' | 'after'
  /** How many calls in a row fail; a crash is for good. Range: >= 1. Default: 1. */
  readonly times?: number
}

/** A storage that goes wrong by plan. */
export interface FaultyStorage extends Storage {
  /** Number of counted calls so far. Range: >= 0. */
  readonly callCount: number
  /** Settles when the crash happens; never without one. */
  readonly crashed: Promise<void>
}

/**
 * Wraps a storage so that its n-th call fails or crashes. Give it a plan for every n in turn, recover with the storage itself, and
 * check that nothing was lost or done twice.
 *
 * @param plan `null` makes no fault and only counts.
 */
export function faultyStorage(storage: Storage, plan: FaultPlan | null): FaultyStorage {
  const faults = new Faults(plan)
  const read: Read =
    (call) =>
    (...args) =>
      faults.pass('read', () => call(...args))
  const { runs, tasks, line, signals, stats, failures, alerts, schedules, logs, flows, engines, estimates } = storage
  return {
    name: storage.name,
    capabilities: storage.capabilities,
    get callCount() {
      return faults.count
    },
    crashed: faults.crashed,
    open: () => storage.open(),
    commit: (changes) => faults.pass('commit', () => storage.commit(changes)),
    runs: {
      get: read((id) => runs.get(id)),
      list: read((query) => runs.list(query)),
      claimable: read((query) => runs.claimable(query)),
      nextWakeAt: read(() => runs.nextWakeAt()),
      input: read((runId) => runs.input(runId)),
      result: read((runId) => runs.result(runId)),
      requested: read((engineId) => runs.requested(engineId)),
    },
    tasks: {
      list: read((runId) => tasks.list(runId)),
      progress: read((runIds) => tasks.progress(runIds)),
      cached: read((key) => tasks.cached(key)),
    },
    line: { room: read((limits) => line.room(limits)), ahead: read((run) => line.ahead(run)) },
    signals: { taker: read((signal) => signals.taker(signal)), list: read((runId) => signals.list(runId)) },
    stats: {
      counts: read(() => stats.counts()),
      runs: read((query) => stats.runs(query)),
      expired: read((query) => stats.expired(query)),
      flowIds: read(() => stats.flowIds()),
    },
    failures: {
      list: read((query) => failures.list(query)),
      flows: read((fingerprint) => failures.flows(fingerprint)),
    },
    alerts: {
      get: read((id) => alerts.get(id)),
      list: read((query) => alerts.list(query)),
      due: read((query) => alerts.due(query)),
      nextAt: read((rules) => alerts.nextAt(rules)),
    },
    ...userReads(storage, read),
    schedules: { list: read(() => schedules.list()) },
    logs: { list: read((query) => logs.list(query)), count: read((runId) => logs.count(runId)) },
    flows: { list: read(() => flows.list()), versions: read((flowId) => flows.versions(flowId)) },
    engines: { list: read(() => engines.list()) },
    estimates: { get: read((key) => estimates.get(key)) },
    close: () => storage.close(),
  }
}

type Read = <A extends readonly unknown[], R>(call: (...args: A) => Promise<R>) => (...args: A) => Promise<R>

/** Of what users do and keep. */
function userReads({ audit, views, seen }: Storage, read: Read): Pick<Storage, 'audit' | 'views' | 'seen'> {
  return {
    audit: { list: read((query) => audit.list(query)) },
    views: { get: read((id) => views.get(id)), list: read((query) => views.list(query)) },
    seen: { marks: read((user) => seen.marks(user)), count: read((query) => seen.count(query)) },
  }
}

class Faults {
  readonly crashed: Promise<void>
  count = 0
  readonly #plan: FaultPlan | null
  #isCrashed = false
  #tellCrash: () => void = () => undefined

  constructor(plan: FaultPlan | null) {
    this.#plan = plan
    this.crashed = new Promise((resolve) => {
      this.#tellCrash = resolve
    })
  }

  async pass<T>(kind: 'read' | 'commit', call: () => Promise<T>): Promise<T> {
    if (this.#isCrashed) return never()
    const plan = this.#plan
    if (kind === 'read' && plan?.calls !== 'all') return call()
    this.count++
    if (plan === null || !isDue(plan, this.count)) return call()
    if (plan.kind === 'crash') this.#isCrashed = true
    if (plan.moment === 'after') await call()
    if (plan.kind === 'fail') throw planned(plan)
    this.#tellCrash()
    return never()
  }
}

function isDue(plan: FaultPlan, count: number): boolean {
  const times = plan.kind === 'crash' ? 1 : (plan.times ?? 1)
  return count >= plan.at && count < plan.at + times
}

function never(): Promise<never> {
  return new Promise(() => undefined)
}

function planned({ moment, at }: FaultPlan): PerfectError {
  return new PerfectError('STORAGE_UNAVAILABLE', `Planned fault ${moment} call ${String(at)}.`, {
    details: { moment, at },
  })
}
