/* What an engine counts about its runs, tasks and commits. Everything is counted after the commit that it reports. */
import type { RunRecord, TaskRecord } from '../../storage/records.ts'
import { Buckets, noneCounted, SeriesTable, type Count } from './metric-series.ts'

// Unit: s. From what a trivial task takes to what a night's work takes.
const DURATION_BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200]
// Unit: s. A commit is an fsync: from a fast disk to one that is stuck.
const COMMIT_BOUNDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]
// Unit: changes.
const BATCH_BOUNDS = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500]
const MS_PER_S = 1000

/** What is counted of one task of one flow. */
export interface TaskMeters {
  attempts: number
  failures: number
  retries: number
  cached: number
  readonly duration: Buckets
}

/** The counts of one engine, since it was made. */
export class EngineMeters {
  readonly triggered: SeriesTable<Count> = new SeriesTable(['flow', 'configuration'], noneCounted)
  readonly ended: SeriesTable<Count> = new SeriesTable(['flow', 'configuration', 'status'], noneCounted)
  readonly runDuration: SeriesTable<Buckets> = new SeriesTable(['flow'], () => new Buckets(DURATION_BOUNDS))
  readonly queueWait: SeriesTable<Buckets> = new SeriesTable(['flow'], () => new Buckets(DURATION_BOUNDS))
  readonly tasks: SeriesTable<TaskMeters> = new SeriesTable(['flow', 'task'], () => ({
    attempts: 0,
    failures: 0,
    retries: 0,
    cached: 0,
    duration: new Buckets(DURATION_BOUNDS),
  }))
  readonly commitDuration: SeriesTable<Buckets> = new SeriesTable([], () => new Buckets(COMMIT_BOUNDS))
  readonly commitChanges: SeriesTable<Buckets> = new SeriesTable([], () => new Buckets(BATCH_BOUNDS))
  readonly storageFailures: SeriesTable<Count> = new SeriesTable(['code'], noneCounted)
  readonly signals: SeriesTable<Count> = new SeriesTable(['flow'], noneCounted)
  readonly schedulesFired: SeriesTable<Count> = new SeriesTable(['flow'], noneCounted)
  readonly schedulesMissed: SeriesTable<Count> = new SeriesTable(['flow', 'reason'], noneCounted)
  readonly alertAttempts: SeriesTable<Count> = new SeriesTable(['rule', 'outcome'], noneCounted)
  readonly #commitDuration = this.commitDuration.of()
  readonly #commitChanges = this.commitChanges.of()

  /** A run was created. */
  runTriggered({ flowId, configuration, trigger }: RunRecord): void {
    this.triggered.of(flowId, configuration).value++
    if (trigger.kind === 'schedule') this.schedulesFired.of(flowId).value++
  }

  /** A run was claimed for the first time. */
  runStarted({ flowId, createdAt, startedAt }: RunRecord): void {
    this.queueWait.of(flowId).observe(((startedAt ?? createdAt) - createdAt) / MS_PER_S)
  }

  /** A run has ended. */
  runEnded({ flowId, configuration, status, startedAt, finishedAt }: RunRecord): void {
    this.ended.of(flowId, configuration, status).value++
    if (startedAt !== null && finishedAt !== null)
      this.runDuration.of(flowId).observe((finishedAt - startedAt) / MS_PER_S)
  }

  /** An attempt of a task was recorded. */
  taskRecorded(flowId: string, task: TaskRecord): void {
    if (task.kind !== 'task') return
    const { status } = task
    if (status !== 'succeeded' && status !== 'failed' && status !== 'retrying') return
    const meters = this.tasks.of(flowId, task.name)
    if (task.origin === 'cache') {
      meters.cached++
      return
    }
    meters.attempts++
    if (status !== 'succeeded') meters.failures++
    if (status === 'retrying') meters.retries++
    if (task.finishedAt !== null) meters.duration.observe((task.finishedAt - task.startedAt) / MS_PER_S)
  }

  /** Changes were committed together. Unit of the duration: ms. */
  committed(changes: number, durationMs: number): void {
    this.#commitChanges.observe(changes)
    this.#commitDuration.observe(durationMs / MS_PER_S)
  }

  /** An attempt to deliver an alert has ended. */
  alertAttempted(rule: string, outcome: 'delivered' | 'failed' | 'given-up'): void {
    this.alertAttempts.of(rule, outcome).value++
  }

  /** The storage refused or did not answer. */
  storageFailed(code: string): void {
    this.storageFailures.of(code).value++
  }
}
