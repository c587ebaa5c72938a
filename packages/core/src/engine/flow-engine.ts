/*
 * The engine: starts and stops, registers and triggers flows. What can be asked of runs is in `engine-runs.ts`, who listens in
 * `engine-listeners.ts`. It delegates: which run is next to the dispatcher, driving to the active runs, remote work to the worker
 * sessions, time to the scheduler.
 */
import type { Flow } from '../definition/flow.ts'
import { toRemoteDefinition, type FlowRegistration } from '../definition/remote-flow.ts'
import { PerfectError } from '../errors/perfect-error.ts'
import type { ClientProcesses } from '../processes/client-processes.ts'
import type { FlowVersionRecord } from '../storage/records.ts'
import { AuditLog } from './audit/audit-log.ts'
import type { AuditLogQuery, AuditView } from './audit/audit-view.ts'
import { checkConfiguration } from './check-trigger.ts'
import { readHealth, type EngineHealth, type EngineState } from './engine-health.ts'
import type { EngineOptions } from './engine-options.ts'
import { createParts, type EngineParts } from './engine-parts.ts'
import { EngineRuns } from './engine-runs.ts'
import { FlowAnnouncer } from './flow-announcer.ts'
import type { FlowReference } from './flow-registry.ts'
import { loadRemoteFlows, storeFlow } from './flow-store.ts'
import { resumeHeld, versionChanges, versionHistory } from './flow-versions.ts'
import type { FlowSimulation, PredictScheduleQuery, SchedulePrediction } from './forecast.ts'
import { loadForecaster } from './progress/forecaster.ts'
import { questions } from './questions.ts'
import type { RunHandle } from './run-handle.ts'
import { RunRequests } from './run-requests.ts'
import { EngineViews } from './saved-views/engine-views.ts'
import { EngineSchedules } from './schedules/engine-schedules.ts'
import { fireSchedule } from './schedules/fire-schedule.ts'
import { EngineSeen } from './seen/engine-seen.ts'
import { stopEngine, type StopOptions } from './stop-engine.ts'
import { triggerRun, type TriggerOptions } from './trigger-run.ts'
import type { FlowView, Page } from './views.ts'
import type { WorkerSessions } from './workers/worker-sessions.ts'

/**
 * Runs durable flows inside this process.
 *
 * @example
 * ```ts
 * const engine = new FlowEngine({ storage: sqliteStorage('perfect.db') })
 * engine.registerFlow(nightly)
 * await engine.start()
 * const run = await engine.triggerFlow(nightly, { configuration: 'release' })
 * console.log(await run.result())
 * ```
 */
export class FlowEngine extends EngineRuns {
  /** @internal */
  protected readonly parts: EngineParts
  readonly #announcer: FlowAnnouncer
  readonly #requests: RunRequests
  readonly #schedules: EngineSchedules
  readonly #audit: AuditLog
  readonly #views: EngineViews
  readonly #seen: EngineSeen
  #state: EngineState = 'idle'
  #starting: Promise<void> | null = null
  #stopping: Promise<void> | null = null

  constructor(options: EngineOptions = {}) {
    super()
    this.parts = createParts(options, {
      registerRemoteFlow: (registration) => this.registerRemoteFlow(registration),
      fireSchedule: (known, definition, due) => fireSchedule(this.parts, known, definition, due),
      workerChanged: (worker) => this.#announcer.workerChanged(worker),
    })
    this.#announcer = new FlowAnnouncer(this.parts)
    this.#requests = new RunRequests(this.parts)
    this.#audit = new AuditLog({ ...this.parts, start: () => this.start() })
    const host = { parts: this.parts, start: () => this.start() }
    this.#views = new EngineViews(host)
    this.#seen = new EngineSeen(host)
    this.#schedules = new EngineSchedules({
      parts: this.parts,
      start: () => this.start(),
      flowChanged: (definition) => this.#announcer.updated(definition),
    })
  }

  /** Identifier of this engine; a new one each time. */
  get id(): string {
    return this.parts.id
  }

  /** What the engine is doing. */
  get state(): EngineState {
    return this.#state
  }

  /** The declared client processes. */
  get processes(): ClientProcesses {
    return this.parts.processes
  }

  /** The schedules of its flows, and those that are made while it runs. */
  get schedules(): EngineSchedules {
    return this.#schedules
  }

  /** Who did what. */
  get audit(): AuditLog {
    return this.#audit
  }

  /** Filters that users have given a name. */
  get views(): EngineViews {
    return this.#views
  }

  /** How far users have looked at failures and alerts. */
  get seen(): EngineSeen {
    return this.#seen
  }

  /** The remote workers. */
  get workers(): WorkerSessions {
    return this.parts.workers
  }

  /**
   * Opens the storage and goes on with every run that had not ended, also those of engines that died. Called again, it changes nothing.
   *
   * @throws {PerfectError} STORAGE_UNAVAILABLE, STORAGE_CORRUPT, STORAGE_TOO_NEW, ENGINE_STOPPED
   */
  override start(): Promise<void> {
    if (this.#state === 'stopping' || this.#state === 'stopped') return Promise.reject(stopped())
    this.#starting ??= this.#start()
    return this.#starting
  }

  /**
   * Stops: takes no more runs, lets the tasks that run end and records them, gives the runs back, ends the client processes and
   * closes the storage. The runs go on when an engine starts on the same storage.
   */
  stop(options: StopOptions = {}): Promise<void> {
    this.#stopping ??= this.#stop(options)
    return this.#stopping
  }

  /**
   * Registers a flow, or a definition without code that remote workers run.
   *
   * @throws {PerfectError} FLOW_DUPLICATE, CONFIGURATION_INVALID, FLOW_DEFINITION_INVALID, TASK_DEFINITION_INVALID, WEIGHT_INVALID, SCHEDULE_INVALID
   */
  // oxlint-disable-next-line typescript/no-explicit-any -- a flow of any input and output
  registerFlow(flow: Flow<any, any> | FlowRegistration): FlowView {
    const definition = 'definition' in flow ? flow.definition : toRemoteDefinition(flow)
    for (const name of definition.configurations?.keys() ?? []) checkConfiguration(this.parts, name)
    const status = this.parts.registry.add(definition)
    const view = this.#announcer.view(definition)
    if (status !== 'unchanged') this.#announcer.changed(definition)
    return view
  }

  /**
   * Registers a definition without code and stores it, so that it is known after a restart.
   *
   * @throws {PerfectError} FLOW_DUPLICATE, FLOW_DEFINITION_INVALID, TASK_DEFINITION_INVALID, WEIGHT_INVALID, SCHEDULE_INVALID
   */
  async registerRemoteFlow(
    registration: FlowRegistration,
  ): Promise<{ readonly status: 'created' | 'updated' | 'unchanged'; readonly flow: FlowView }> {
    await this.start()
    const definition = toRemoteDefinition(registration)
    const status = this.parts.registry.add(definition)
    if (status !== 'unchanged') {
      await storeFlow(this.parts, definition)
      this.#announcer.changed(definition)
    }
    return { status, flow: this.#announcer.view(definition) }
  }

  /** Forgets a flow; gives whether it was known. Its runs stay, and go on when it is registered again. */
  unregisterFlow(idOrName: string): boolean {
    const { registry, scheduler, bus, commit, report } = this.parts
    const id = registry.find(idOrName)?.id
    if (id === undefined || !registry.remove(id)) return false
    scheduler.forget(id)
    bus.publish('flow.removed', () => ({ id }))
    if (this.#state === 'running')
      commit
        .append([{ type: 'flow.remove', flowId: id }], 'patient')
        .catch((error: unknown) => report(error, 'forgetting a flow'))
    return true
  }

  /** All flows that are registered. */
  getFlows(): FlowView[] {
    return this.parts.registry.all().map((definition) => this.#announcer.view(definition))
  }

  /** @throws {PerfectError} FLOW_NOT_FOUND */
  getFlow(idOrName: string): FlowView {
    return this.#announcer.view(this.parts.registry.get(idOrName))
  }

  /**
   * Starts a run. When this returns, the run is stored and survives any crash.
   *
   * @param flow The flow, its id or its name.
   * @param options The name of a configuration, or all options.
   * @throws {PerfectError} FLOW_NOT_FOUND, CONFIGURATION_INVALID, INPUT_INVALID, VALUE_UNSERIALIZABLE, IDEMPOTENCY_MISMATCH, STORAGE_UNAVAILABLE, ENGINE_STOPPED
   */
  async triggerFlow<In, Out>(flow: Flow<In, Out>, options?: string | TriggerOptions<In>): Promise<RunHandle<Out>>
  async triggerFlow(flow: string, options?: string | TriggerOptions): Promise<RunHandle>
  async triggerFlow(flow: FlowReference, options: string | TriggerOptions = {}): Promise<RunHandle> {
    const definition = this.parts.registry.get(flow)
    await this.start()
    const run = await triggerRun(
      this.parts,
      definition,
      typeof options === 'string' ? { configuration: options } : options,
    )
    return this.handle(run)
  }

  /**
   * What a run of a flow is expected to look like, from past runs and declared times. Runs nothing; the input is only checked.
   *
   * @throws {PerfectError} FLOW_NOT_FOUND, CONFIGURATION_INVALID, INPUT_INVALID, VALUE_UNSERIALIZABLE
   * @example
   * ```ts
   * const { tasks, totalMs, basis } = await engine.simulate('nightly', { configuration: 'release' })
   * ```
   */
  async simulate<In, Out>(
    flow: Flow<In, Out> | string,
    options: Pick<TriggerOptions<In>, 'input' | 'configuration'> = {},
  ): Promise<FlowSimulation> {
    await this.start()
    return (await questions()).simulateFlow(this.parts, flow, options)
  }

  /**
   * What the schedules will start in some time, how long that is expected to take, and where it meets the limits.
   *
   * @throws {PerfectError} REQUEST_INVALID, STORAGE_UNAVAILABLE
   */
  predictSchedule(query: PredictScheduleQuery = {}): Promise<SchedulePrediction> {
    return this.#schedules.predict(query)
  }

  /** Versions of a flow that were registered so far, the newest first. @throws {PerfectError} FLOW_NOT_FOUND */
  async getFlowVersions(idOrName: string): Promise<readonly FlowVersionRecord[]> {
    await this.start()
    return versionHistory(this.parts, idOrName)
  }

  /** Who did what, the newest first. @throws {PerfectError} CURSOR_INVALID, REQUEST_INVALID, STORAGE_UNAVAILABLE */
  getAudit(query: AuditLogQuery = {}): Promise<Page<AuditView>> {
    return this.#audit.list(query)
  }

  /** How the engine is doing, and why. Answers also while the storage does not. */
  health(): Promise<EngineHealth> {
    return readHealth(this.parts, this.#state)
  }

  /** What the engine has counted, in the text format of Prometheus: `text/plain; version=0.0.4; charset=utf-8`. */
  async metrics(): Promise<string> {
    return (await questions()).readMetrics(this.parts, await this.health())
  }

  async #start(): Promise<void> {
    const { storage, lease, registry, scheduler, sweeper, dispatcher, processes, observed, alerts } = this.parts
    await Promise.all([observed.open(), loadForecaster()])
    await storage.open()
    await lease.open(versionChanges(this.parts))
    for (const definition of await loadRemoteFlows(storage)) if (!registry.find(definition.id)) registry.add(definition)
    this.#state = 'running'
    await resumeHeld(this.parts)
    await scheduler.open()
    await dispatcher.open()
    sweeper.open()
    alerts.delivery.open()
    this.#requests.open()
    observed.started(registry.all().length)
    await processes.open()
  }

  async #stop(options: StopOptions): Promise<void> {
    const wasStarted = this.#starting !== null
    // A start that failed left nothing to stop.
    await this.#starting?.catch(() => undefined)
    const wasRunning = this.#state === 'running'
    this.#state = 'stopping'
    this.#requests.close()
    if (wasStarted && wasRunning) await stopEngine(this.parts, options)
    this.#state = 'stopped'
  }
}

function stopped(): PerfectError {
  return new PerfectError('ENGINE_STOPPED', 'The engine is stopped. Make a new one to go on.')
}
