/* Puts the parts of an engine together. */
import { toConfigurations, type Configuration } from '../definition/configuration.ts'
import type { FlowDefinition } from '../definition/flow.ts'
import type { FlowRegistration } from '../definition/remote-flow.ts'
import { toRetention } from '../definition/retention.ts'
import type { DueTimes } from '../definition/schedules/due-times.ts'
import { GroupCommit } from '../journal/group-commit.ts'
import { systemClock, type Clock } from '../primitives/clock.ts'
import { createIdSource, type IdSource } from '../primitives/id.ts'
import { childProcessAdapter } from '../processes/child-process.ts'
import { ClientFiles } from '../processes/client-files.ts'
import { ClientProcesses } from '../processes/client-processes.ts'
import { memoryStorage } from '../storage/memory/index.ts'
import type { ScheduleRecord } from '../storage/records.ts'
import type { Storage } from '../storage/storage.ts'
import { ActiveRuns } from './active-runs.ts'
import { checkHosts, toAlertRules } from './alerts/alert-rules.ts'
import { EngineAlerts, type EngineAlertParts } from './alerts/engine-alerts.ts'
import { createChildren } from './children.ts'
import { Dispatcher } from './dispatcher.ts'
import { EngineLease } from './engine-lease.ts'
import { checkRange, type EngineOptions } from './engine-options.ts'
import { EventBus, type ErrorReporter } from './event-bus.ts'
import { FlowRegistry } from './flow-registry.ts'
import { appendLog } from './log-input.ts'
import { Observability } from './observability/observability.ts'
import { RemoteRuns, type RemoteRunParts } from './remote-runs.ts'
import { Sweeper, type SweeperParts } from './retention.ts'
import { createRunKnowledge, type RunKnowledge } from './run-knowledge.ts'
import { RunOutcomes } from './run-outcomes.ts'
import { RunQueries } from './run-queries.ts'
import type { KnownSchedule } from './schedules/schedule-record.ts'
import { Scheduler } from './schedules/scheduler.ts'
import { announceAttempt } from './trigger-run.ts'
import type { FlowView, WorkerView } from './views.ts'
import { WorkerSessions } from './workers/worker-sessions.ts'

/** What the parts ask of the engine that they are in. */
export interface EngineCallbacks {
  registerRemoteFlow(
    registration: FlowRegistration,
  ): Promise<{ readonly status: 'created' | 'updated' | 'unchanged'; readonly flow: FlowView }>
  fireSchedule(known: KnownSchedule, definition: FlowDefinition, due: DueTimes): Promise<ScheduleRecord | null>
  workerChanged(worker: WorkerView): void
}

/** The parts of an engine. */
export interface EngineParts extends RunKnowledge {
  readonly id: string
  readonly storage: Storage
  readonly clock: Clock
  readonly ids: IdSource
  readonly report: ErrorReporter
  readonly observed: Observability
  readonly configurations: ReadonlyMap<string, Configuration>
  readonly bus: EventBus
  readonly registry: FlowRegistry
  readonly commit: GroupCommit
  readonly outcomes: RunOutcomes
  readonly active: ActiveRuns
  readonly queries: RunQueries
  readonly dispatcher: Dispatcher
  readonly sweeper: Sweeper
  readonly scheduler: Scheduler
  readonly lease: EngineLease
  readonly processes: ClientProcesses
  readonly workers: WorkerSessions
  readonly alerts: EngineAlerts
}

const DEFAULT_CONCURRENCY = 100
const DEFAULT_LEASE_MS = 15_000
const MIN_LEASE_MS = 100
const KEEP_AUDIT = { age: '400d', keep: 100_000 } as const
const DEFAULT_CANCEL_GRACE_MS = 10_000
// A shorter wait is cheaper to sit out than to replay.
const DEFAULT_PARK_AFTER_MS = 5000
// Time for a service that is away to come back, but not so long that a run never ends.
const DEFAULT_COMPENSATE_GRACE_MS = 600_000

/** @throws {PerfectError} REQUEST_INVALID, CONFIGURATION_INVALID, CLIENT_DECLARATION_INVALID, ALERT_INVALID */
export function createParts(options: EngineOptions, callbacks: EngineCallbacks): EngineParts {
  const { clock = systemClock, storage = memoryStorage({ clock }) } = options
  const ids = createIdSource(clock, options.random)
  const id = ids.next('eng')
  const observed = new Observability(options, {
    engineId: id,
    storage,
    clock,
    addLog: (runId, line) => appendLog(parts, runId, line),
  })
  const { report } = observed.log
  const { leaseMs, concurrency, cancelGraceMs, compensateGraceMs, parkAfterMs } = checkNumbers(options)
  const configurations = toConfigurations(options.configurations)
  const bus = new EventBus(id, clock, report)
  const registry = new FlowRegistry()
  const commit = new GroupCommit(observed.storage, clock)
  const outcomes = new RunOutcomes(storage, clock, (runId) => active.journal(runId) !== undefined)
  const shared = { engineId: id, storage, commit, clock, bus, registry, outcomes, report, observed }
  const knowledge = createRunKnowledge({ ...shared, concurrency, journals: () => active.journals() })
  const alerts = createAlerts(options, { ...shared, ...knowledge })
  const onTime = (): void => workers.wake()
  const dispatcher: Dispatcher = new Dispatcher({ ...shared, concurrency, active: () => active, onTime })
  const active: ActiveRuns = new ActiveRuns({
    ...shared,
    ...knowledge,
    alerts,
    configurations,
    random: options.random ?? Math.random,
    cancelGraceMs,
    compensateGraceMs,
    parkAfterMs,
    children: createChildren(() => parts),
    isSlotWanted: () => dispatcher.isSlotWanted,
    onLeft: (wakeAt) => dispatcher.wakeAt(wakeAt ?? clock.now()),
    onEnded: (runId) => dispatcher.ended(runId),
    onDriven: (...driven) => dispatcher.driven(...driven),
    ids,
    onNext: (run) => announceAttempt(parts, run),
  })
  const remote = createRemoteRuns({ ...shared, ids, leaseMs, active, wakeAt: (at) => dispatcher.wakeAt(at) }, callbacks)
  const scheduler = new Scheduler({ ...shared, fire: (...due) => callbacks.fireSchedule(...due) })
  const workers: WorkerSessions = new WorkerSessions(remote, { cancelGraceMs, onError: report })
  const parts: EngineParts = {
    id,
    ...shared,
    ids,
    ...knowledge,
    alerts,
    configurations,
    active,
    dispatcher,
    workers,
    queries: new RunQueries(storage, active),
    sweeper: createSweeper(options, shared),
    scheduler,
    lease: new EngineLease({ ...shared, leaseMs, onRenewed: () => lookAround(parts, remote) }),
    processes: createProcesses(options, { clock, bus, workers, report }),
  }
  return parts
}

// After each renewal: runs, and alerts, of an engine that died meanwhile, or that another process has queued.
function lookAround(
  { observed, dispatcher, workers, scheduler, alerts, report }: EngineParts,
  remote: RemoteRuns,
): void {
  observed.clock.look()
  dispatcher.wake()
  workers.wake()
  scheduler.refresh()
  alerts.delivery.wake()
  remote.releaseAbandoned().catch((error: unknown) => report(error, 'giving runs of lost workers back'))
}

function checkNumbers(
  options: EngineOptions,
): Required<Pick<EngineOptions, 'leaseMs' | 'concurrency' | 'cancelGraceMs' | 'compensateGraceMs' | 'parkAfterMs'>> {
  return {
    parkAfterMs: checkRange('parkAfterMs', options.parkAfterMs ?? DEFAULT_PARK_AFTER_MS, 0),
    leaseMs: checkRange('leaseMs', options.leaseMs ?? DEFAULT_LEASE_MS, MIN_LEASE_MS),
    concurrency: checkRange('concurrency', options.concurrency ?? DEFAULT_CONCURRENCY, 1),
    cancelGraceMs: checkRange('cancelGraceMs', options.cancelGraceMs ?? DEFAULT_CANCEL_GRACE_MS, 0),
    compensateGraceMs: checkRange('compensateGraceMs', options.compensateGraceMs ?? DEFAULT_COMPENSATE_GRACE_MS, 0),
  }
}

function createRemoteRuns(
  parts: Omit<RemoteRunParts, 'registerFlow' | 'workerChanged'> & Pick<EngineParts, 'observed'>,
  callbacks: EngineCallbacks,
): RemoteRuns {
  return new RemoteRuns({
    ...parts,
    registerFlow: (registration) => callbacks.registerRemoteFlow(registration),
    workerChanged: (worker) => {
      parts.observed.workerChanged(worker)
      callbacks.workerChanged(worker)
    },
  })
}

function createAlerts(
  { alerts = [], allowPrivateHosts = [], random = Math.random }: EngineOptions,
  parts: Omit<EngineAlertParts, 'rules' | 'allowPrivateHosts' | 'random' | 'meters'> & Pick<EngineParts, 'observed'>,
): EngineAlerts {
  const rules = toAlertRules(alerts, checkHosts(allowPrivateHosts))
  return new EngineAlerts({ ...parts, rules, allowPrivateHosts, random, meters: parts.observed.meters })
}

function createSweeper(
  { retention = {}, auditRetention }: EngineOptions,
  parts: Omit<SweeperParts, 'retention' | 'auditRetention'>,
): Sweeper {
  return new Sweeper({
    ...parts,
    retention: toRetention(retention),
    auditRetention: toRetention({ ...KEEP_AUDIT, ...auditRetention }),
  })
}

function createProcesses(
  { clients = {}, clientFolder, processAdapter = childProcessAdapter() }: EngineOptions,
  { clock, bus, workers, report }: Pick<EngineParts, 'clock' | 'bus' | 'workers' | 'report'>,
): ClientProcesses {
  return new ClientProcesses({
    declarations: clients,
    adapter: processAdapter,
    clock,
    ...(clientFolder !== undefined && {
      filesOf: (clientId: string) => new ClientFiles({ folder: clientFolder, clientId, report }),
    }),
    heartbeat: (label) => workers.heartbeat(label),
    publish: {
      updated: (view) => bus.publish('client.updated', () => view),
      log: (clientId, lines) => bus.publish('client.log', () => ({ id: clientId, lines })),
      exited: (label) =>
        void workers.processExited(label).catch((error: unknown) => report(error, 'releasing the runs of a client')),
    },
  })
}
