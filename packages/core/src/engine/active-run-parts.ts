import type { Configuration } from '../definition/configuration.ts'
import type { FlowDefinition } from '../definition/flow.ts'
import type { GroupCommit } from '../journal/group-commit.ts'
import type { Clock } from '../primitives/clock.ts'
import type { IdSource } from '../primitives/id.ts'
import type { Children } from '../runner/call-child.ts'
import type { RunRecord } from '../storage/records.ts'
import type { Storage } from '../storage/storage.ts'
import type { EngineAlerts } from './alerts/engine-alerts.ts'
import type { Expectations } from './analytics/expectations.ts'
import type { ErrorReporter, EventBus } from './event-bus.ts'
import type { FlowRegistry } from './flow-registry.ts'
import type { Observability } from './observability/observability.ts'
import type { FlowModels } from './progress/flow-models.ts'
import type { Learner } from './progress/learner.ts'
import type { RunOutcomes } from './run-outcomes.ts'
import type { ShownRuns } from './shown-runs.ts'

/** What active runs work with. */
export interface ActiveRunParts {
  readonly storage: Storage
  readonly commit: GroupCommit
  readonly clock: Clock
  readonly bus: EventBus
  readonly registry: FlowRegistry
  readonly outcomes: RunOutcomes
  readonly configurations: ReadonlyMap<string, Configuration>
  readonly children: Children
  /** Unit: ms. */
  readonly parkAfterMs: number
  /** Whether a run waits for a slot of this engine. */
  readonly isSlotWanted: () => boolean
  /** Draws the jitter of backoffs. Range: 0..1. */
  readonly random: () => number
  readonly cancelGraceMs: number
  readonly compensateGraceMs: number
  readonly report: ErrorReporter
  /** What is known from past runs, and who learns from those that end. */
  readonly models: FlowModels
  readonly learner: Learner
  readonly shown: ShownRuns
  readonly expectations: Expectations
  readonly alerts: EngineAlerts
  readonly observed: Pick<Observability, 'runs' | 'middleware'>
  /** Called when a local run is not driven any more, but goes on later: at its `wakeAt`, or, when its journal was lost, nobody knows. */
  readonly onLeft: (wakeAt: number | null) => void
  /** Called once for each run that was to be driven, when it is not driven here any more; with what went wrong, or null. */
  readonly onDriven: (run: RunRecord, definition: FlowDefinition, error: unknown) => void
  /** Called when a run was stored that goes on in place of one that failed. */
  readonly onNext: (run: RunRecord) => void
  readonly ids: IdSource
  /** Called when a run has ended here, before anybody else hears of it. */
  readonly onEnded: (runId: string) => void
}
