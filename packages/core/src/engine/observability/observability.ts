/* What watches an engine, put together. Nothing of it is asked by the parts that it watches. */
import { PerfectError } from '../../errors/perfect-error.ts'
import type { Clock } from '../../primitives/clock.ts'
import { MiddlewareChain } from '../../runner/middleware-chain.ts'
import type { Storage } from '../../storage/storage.ts'
import type { ErrorReporter } from '../event-bus.ts'
import type { LogInput } from '../log-input.ts'
import type { ScheduleMissed } from '../schedules/views.ts'
import type { WorkerView } from '../views.ts'
import { ClockWatch } from './clock-watch.ts'
import { EngineLog, type EngineLogger } from './engine-log.ts'
import { EngineMeters } from './engine-meters.ts'
import { readEventLoopLag, type EventLoopLagReader } from './event-loop-lag.ts'
import type { Finding, HealthCode, HealthLimits } from './health-reasons.ts'
import { RunHooks } from './run-hooks.ts'
import { RunWatch } from './run-watch.ts'
import { StorageWatch } from './storage-watch.ts'
import { loadTracing, type Tracing } from './tracing.ts'

/** How an engine is watched. */
export interface ObservabilityOptions {
  /** Hears what the engine does. A logger of pino fits, and so does `console`. Default: none. */
  readonly logger?: EngineLogger
  /** Hears errors that nobody waits for, such as those of listeners. Default: a process warning, when there is no logger either. */
  readonly onError?: ErrorReporter
  /** Makes spans when the package `@opentelemetry/api` is there, with an SDK set up before the start. Default: true; false with a `clock` of one's own. */
  readonly tracing?: boolean
  /** When the engine counts as unwell. */
  readonly healthLimits?: HealthLimits
  /** Tells the lag of the event loop. Default: measured in this process. */
  readonly readEventLoopLag?: EventLoopLagReader
}

interface Watched {
  readonly engineId: string
  readonly storage: Storage
  readonly clock: Clock
  readonly addLog: (runId: string, line: LogInput) => Promise<unknown>
}

/** What watches one engine. */
export class Observability {
  readonly log: EngineLog
  readonly meters: EngineMeters = new EngineMeters()
  readonly storage: StorageWatch
  readonly clock: ClockWatch
  readonly hooks: RunHooks
  readonly runs: RunWatch
  readonly middleware: MiddlewareChain
  readonly limits: HealthLimits
  readonly readLag: EventLoopLagReader
  readonly #isTracing: boolean
  readonly #watched: Watched
  readonly #since = new Map<HealthCode, number>()
  readonly #workers = new Map<string, WorkerView['status']>()
  #tracing: Tracing | null = null
  #startedAt: number | null = null

  constructor(options: ObservabilityOptions & { readonly clock?: Clock }, watched: Watched) {
    const { engineId, storage, clock, addLog } = watched
    this.#watched = watched
    this.log = new EngineLog(engineId, options)
    const { log, meters } = this
    this.storage = new StorageWatch({ storage, clock, meters, log })
    this.clock = new ClockWatch(clock, ({ byMs }) =>
      log.warn({ event: 'clock.jumped', byMs }, 'the clock of this machine jumped'),
    )
    this.hooks = new RunHooks({ report: log.report, addLog })
    this.runs = new RunWatch({ meters, log, hooks: this.hooks, tracing: () => this.#tracing })
    this.middleware = new MiddlewareChain(log.report)
    this.limits = checkLimits(options.healthLimits ?? {})
    this.readLag = options.readEventLoopLag ?? readEventLoopLag
    this.#isTracing = options.tracing ?? options.clock === undefined
  }

  /** When the engine started, by the monotonic clock; null before. */
  get startedAt(): number | null {
    return this.#startedAt
  }

  /** Looks for what spans are made with. */
  async open(): Promise<void> {
    if (!this.#isTracing) return
    try {
      this.#tracing = await loadTracing()
      if (this.#tracing) this.middleware.use(this.#tracing.middleware, 'outermost')
    } catch (error) {
      this.log.report(error, 'loading @opentelemetry/api')
    }
  }

  /** The engine takes runs. */
  started(flows: number): void {
    this.#startedAt = this.#watched.clock.monotonic()
    const { name: storage } = this.#watched.storage
    this.log.info({ event: 'engine.started', storage, flows, pid: process.pid }, 'the engine has started')
  }

  /** The engine is to take no more runs. */
  stopping(running: number): void {
    this.log.info({ event: 'engine.stopping', running }, 'the engine stops')
  }

  /** The engine has stopped. */
  stopped(): void {
    const uptimeMs = Math.round(this.#watched.clock.monotonic() - (this.#startedAt ?? 0))
    this.log.info({ event: 'engine.stopped', uptimeMs }, 'the engine has stopped')
  }

  /** A remote worker came, went or changed. */
  workerChanged({ id: workerId, name, status, flows }: WorkerView): void {
    if (this.#workers.get(workerId) === status) return
    if (status === 'offline') this.#workers.delete(workerId)
    else this.#workers.set(workerId, status)
    const level = status === 'suspect' ? 'warn' : 'info'
    this.log[level]({ event: `worker.${status}`, workerId, name, flows }, `a worker is ${status}`)
  }

  /** Times of a schedule passed without a run. */
  scheduleMissed(missed: ScheduleMissed): void {
    const { flowId, reason, count } = missed
    this.meters.schedulesMissed.of(flowId, reason).value += count
    // Times that somebody asked to leave out are no surprise.
    const level = reason === 'skipped' ? 'info' : 'warn'
    this.log[level]({ event: 'schedule.missed', ...missed }, 'scheduled times started no run')
  }

  /** Since when something has been wrong. Unit: ms since 1970 UTC. @param all All that is wrong now; the rest is forgotten. */
  sinceOf({ code, ageMs }: Finding, all: readonly Finding[]): number {
    for (const known of this.#since.keys())
      if (!all.some((finding) => finding.code === known)) this.#since.delete(known)
    const outage = code === 'STORAGE_UNREACHABLE' || code === 'DISK_FULL' ? this.storage.outage : null
    const since = outage?.since ?? this.#since.get(code) ?? this.#watched.clock.now() - (ageMs ?? 0)
    this.#since.set(code, since)
    return since
  }
}

function checkLimits(limits: HealthLimits): HealthLimits {
  for (const [field, value] of Object.entries(limits) as [string, unknown][])
    if (typeof value !== 'number' || !(value > 0))
      throw new PerfectError(
        'REQUEST_INVALID',
        `"healthLimits.${field}" is ${String(value)}. Give a number of ms above 0.`,
        { details: { field: `healthLimits.${field}`, value: String(value) } },
      )
  return limits
}
