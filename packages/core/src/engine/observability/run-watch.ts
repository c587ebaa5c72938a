/* Hears of the life of runs, after each commit: counts it, logs it, and calls the hooks of flows. */
import type { FlowDefinition } from '../../definition/flow.ts'
import type { RunJournal } from '../../journal/run-journal.ts'
import type { RunRecord, TaskRecord } from '../../storage/records.ts'
import type { RunOutcome } from '../run-outcomes.ts'
import type { EngineLog } from './engine-log.ts'
import type { EngineMeters } from './engine-meters.ts'
import type { RunHooks } from './run-hooks.ts'

/** Who makes the spans of runs. Said here, so that our types do not ask for those of OpenTelemetry. */
interface RunSpans {
  triggered(runId: string): void
  ended(runId: string): void
}

interface RunWatchParts {
  readonly meters: EngineMeters
  readonly log: EngineLog
  readonly hooks: RunHooks
  readonly tracing: () => RunSpans | null
}

/** Hears of the life of the runs of an engine. */
export class RunWatch {
  readonly #parts: RunWatchParts
  /** Percent that `onProgress` was told, of runs whose flow wants to know. */
  readonly #percents = new Map<string, number>()

  constructor(parts: RunWatchParts) {
    this.#parts = parts
  }

  /** A run was created here. */
  triggered(run: RunRecord): void {
    const { meters, tracing } = this.#parts
    meters.runTriggered(run)
    tracing()?.triggered(run.id)
  }

  /** A run was claimed by this engine. */
  opened({ run, definition }: RunJournal): void {
    if (run.epoch !== 1) return
    this.#parts.meters.runStarted(run)
    this.#parts.hooks.started(definition, run)
  }

  /** A run that is held here has changed. */
  changed(journal: RunJournal): void {
    const { definition } = journal
    // First of all: reading the run has its price.
    if (!definition.hooks?.onProgress) return
    const { run } = journal
    const percent = Math.floor(run.progress * 100)
    if (percent <= (this.#percents.get(run.id) ?? 0)) return
    this.#percents.set(run.id, percent)
    this.#parts.hooks.progressed(definition, run)
  }

  /** An attempt of a task was recorded. */
  taskRecorded({ definition }: RunJournal, task: TaskRecord): void {
    this.#parts.meters.taskRecorded(definition.id, task)
  }

  /** A run was ended by this engine. */
  ended(definition: FlowDefinition | undefined, outcome: RunOutcome): void {
    const { run } = outcome
    const { meters, hooks, tracing } = this.#parts
    this.#percents.delete(run.id)
    meters.runEnded(run)
    tracing()?.ended(run.id)
    if (run.status === 'failed') this.#logFailure(run)
    if (definition) hooks.ended(definition, outcome)
  }

  /** A signal was sent to a run. */
  signalSent(flowId: string): void {
    this.#parts.meters.signals.of(flowId).value++
  }

  /** A run is not held here any more, and has not ended here. */
  left(runId: string): void {
    this.#percents.delete(runId)
  }

  /** Somebody else holds a run that was held here. */
  lost({ id: runId, flowId, epoch }: RunRecord): void {
    this.#parts.log.warn({ event: 'run.lost', runId, flowId, epoch }, 'a run is held by someone else now')
  }

  #logFailure({ id: runId, flowId, configuration, epoch, error }: RunRecord): void {
    const facts = { runId, flowId, configuration, epoch, code: error?.code ?? null, error: error?.message ?? null }
    if (error?.code === 'CRASH_LOOP')
      this.#parts.log.error({ event: 'run.crash-loop', ...facts }, 'a run crashed again and again and was ended')
    else this.#parts.log.warn({ event: 'run.failed', ...facts }, 'a run failed')
  }
}
