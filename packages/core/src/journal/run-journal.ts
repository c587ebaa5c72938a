/*
 * The journal of one run that this engine holds: every write about the run goes through it, under the fence of its epoch.
 * What it shows (`run`, `record`) is what is committed; observers hear of it after the commit.
 */
import type { Configuration } from '../definition/configuration.ts'
import type { FlowDefinition } from '../definition/flow.ts'
import type { SerializedError } from '../errors/serialized-error.ts'
import type { Clock } from '../primitives/clock.ts'
import { isAtLeast, type LogLevel } from '../primitives/log-level.ts'
import type { Change, Fence, Receipt, UpdateRun } from '../storage/changes.ts'
import type { FinalRunStatus, LogLine, LogRecord, RunRecord, TaskRecord } from '../storage/records.ts'
import type { GroupCommit } from './group-commit.ts'
import { LiveTasks, type LiveTask } from './live-tasks.ts'
import { LogBuffer } from './log-buffer.ts'
import { MAX_OPEN_PROGRESS, ProgressModel, type ProgressCall } from './progress.ts'

/** Hears what was committed. */
export interface JournalObserver {
  runChanged(journal: RunJournal): void
  taskChanged(journal: RunJournal, key: string): void
  logged(runId: string, lines: readonly LogRecord[]): void
  /** The run has ended, or is held by someone else now, or was given back. Nothing follows. */
  closed(journal: RunJournal): void
}

/** What a journal works with. */
export interface JournalParts {
  readonly commit: GroupCommit
  readonly clock: Clock
  readonly observer: JournalObserver
}

/** A task record without what the journal fills in. */
export type TaskOutcome = Omit<TaskRecord, 'runId' | 'epoch' | 'position'>

/** `lost`: someone else holds the run; nothing was stored and nothing more may be done for it. */
export type WriteResult = 'accepted' | 'lost'

// Clearing the results of tasks costs a write; fewer characters than these are not worth it.
const FEW_CHARS = 4096
const STARTED = { status: 'running', finishedAt: null, wakeAt: null, value: null, error: null } as const

/** How a run ends. */
export interface RunEnd {
  readonly status: FinalRunStatus
  readonly result: string | null
  readonly error: SerializedError | null
}

/** The journal of one held run. */
export class RunJournal {
  readonly definition: FlowDefinition
  readonly configuration: Configuration
  readonly progress: ProgressModel
  readonly #parts: JournalParts
  readonly #fence: Fence
  readonly #recorded: Map<string, TaskRecord>
  readonly #live: LiveTasks
  readonly #log: LogBuffer
  #run: RunRecord
  #position: number
  #result: string | null = null
  #valueChars: number
  #isOpen = true

  /** @param run The run as it was claimed. @param records Its task records so far. */
  constructor(
    parts: JournalParts,
    facts: { readonly definition: FlowDefinition; readonly configuration: Configuration },
    run: RunRecord,
    records: readonly TaskRecord[],
  ) {
    if (run.engineId === null) throw new TypeError('A journal needs a run that is held.')
    this.#parts = parts
    this.definition = facts.definition
    this.configuration = facts.configuration
    this.#run = run
    this.#fence = { runId: run.id, epoch: run.epoch, engineId: run.engineId }
    this.#recorded = new Map(records.map((record) => [record.key, record]))
    this.#valueChars = records.reduce((total, { value }) => total + (value?.length ?? 0), 0)
    this.#position = records.reduce((last, { position }) => Math.max(last, position ?? 0), 0)
    this.#live = new LiveTasks(parts.clock)
    this.#log = new LogBuffer(parts.clock, this.configuration.logFlushMs, () => void this.flushLog())
    this.progress = new ProgressModel(this.definition.plan)
  }

  /** The run as it is committed. */
  get run(): RunRecord {
    return this.#run
  }

  /** Stored text of what the flow returned; null until it has succeeded. */
  get result(): string | null {
    return this.#result
  }

  /** False once the run has ended or was lost: nothing more is written. */
  get isOpen(): boolean {
    return this.#isOpen
  }

  get records(): ReadonlyMap<string, TaskRecord> {
    return this.#recorded
  }

  get liveTasks(): ReadonlyMap<string, LiveTask> {
    return this.#live.tasks
  }

  /** How far a running task is. Range: 0..1. */
  readonly liveFraction = (key: string): number => this.#live.fraction(key)

  /** A task starts to run here. Not written by itself. */
  begin(call: ProgressCall, task: Pick<TaskOutcome, 'kind' | 'attempt' | 'estimatedMs'>): void {
    this.progress.begin(call)
    this.#live.add(call, task)
    this.#parts.observer.taskChanged(this, call.key)
  }

  /** A running task tells how far it is; the larger fraction stays. */
  report(key: string, fraction: number, note: string | null): void {
    if (this.#live.report(key, fraction, note)) this.#parts.observer.taskChanged(this, key)
  }

  /**
   * Writes the record of a task, with the log lines before it. Afterwards the record is in {@link records}.
   *
   * @param workerEventSeq Number of the worker's event that this is; for tasks of remote workers.
   */
  async record(outcome: TaskOutcome, workerEventSeq?: number): Promise<WriteResult> {
    const isFinal = outcome.status === 'succeeded' || outcome.status === 'failed'
    if (isFinal) this.progress.finish(outcome.key, outcome.status === 'failed')
    const position = isFinal ? ++this.#position : null
    this.#valueChars += outcome.value?.length ?? 0
    const task: TaskRecord = { ...outcome, runId: this.#run.id, epoch: this.#run.epoch, position }
    const progress = this.#openProgress()
    const written = await this.#write({
      type: 'task.put',
      ...this.#fence,
      task,
      progress,
      ...(workerEventSeq !== undefined && { workerEventSeq }),
    })
    if (written === 'lost') return 'lost'
    this.#remember(task)
    if (isFinal) this.#live.remove(task.key)
    const run = this.#run
    this.#run = {
      ...run,
      progress: Math.max(run.progress, progress),
      tasksDone: run.tasksDone + (isFinal ? 1 : 0),
      epochsWithoutProgress: isFinal ? 0 : run.epochsWithoutProgress,
      workerEventSeq: Math.max(run.workerEventSeq, workerEventSeq ?? 0),
    }
    this.#parts.observer.taskChanged(this, task.key)
    this.#parts.observer.runChanged(this)
    return 'accepted'
  }

  /** Writes the progress that time and reports have brought, when it shows; and the start of tasks that take long. */
  async tick(): Promise<void> {
    if (!this.#isOpen) return
    const started = this.#live.takeUnrecordedLong().map((task) => this.record({ ...task, ...STARTED }))
    const progress = this.#openProgress()
    if (Math.floor(progress * 1000) > Math.floor(this.#run.progress * 1000)) await this.update({ progress })
    await Promise.all(started)
  }

  /** Changes the run while it is held. */
  async update(patch: UpdateRun['patch']): Promise<WriteResult> {
    const written = await this.#write({ type: 'run.update', ...this.#fence, patch })
    if (written === 'lost') return 'lost'
    this.#run = { ...this.#run, ...patch, progress: Math.max(this.#run.progress, patch.progress ?? 0) }
    if (patch.engineId === null) this.#close()
    else this.#parts.observer.runChanged(this)
    return 'accepted'
  }

  /** Ends the run. */
  async finish(end: RunEnd, workerEventSeq?: number): Promise<WriteResult> {
    const finishedAt = this.#parts.clock.now()
    const progress = end.status === 'succeeded' ? 1 : this.#run.progress
    const written = await this.#write({
      type: 'run.finish',
      ...this.#fence,
      ...end,
      finishedAt,
      progress,
      dropTaskValues: end.status === 'succeeded' && !this.configuration.keepTaskResults && this.#valueChars > FEW_CHARS,
      ...(workerEventSeq !== undefined && { workerEventSeq }),
    })
    if (written === 'lost') return 'lost'
    const { status, error } = end
    this.#result = end.result
    this.#run = { ...this.#run, status, error, finishedAt, progress, reason: null, wakeAt: null, engineId: null }
    this.#live.clear()
    this.#close()
    return 'accepted'
  }

  /** Someone asked for the end of the run; the request is already stored. */
  cancelRequested(at: number, reason: string | null): void {
    this.#run = { ...this.#run, cancelRequestedAt: at, cancelReason: reason }
    this.#parts.observer.runChanged(this)
  }

  /** Adds a line of the flow to the log. */
  log(level: LogLevel, message: string, task: string | null, fields: string | null = null): void {
    if (isAtLeast(level, this.configuration.logLevel)) this.#addLine(level, message, task, fields)
  }

  /** Adds a line of the engine about the run to its log. */
  note(level: LogLevel, message: string, task: string | null = null): void {
    if (isAtLeast(level, this.configuration.engineLogLevel)) this.#addLine(level, message, task, null)
  }

  /** Writes the log lines gathered so far. */
  async flushLog(): Promise<void> {
    const lines = this.#log.take()
    if (lines.length === 0) return
    const [receipt] = await this.#parts.commit.append([this.#logChange(lines)], 'patient')
    this.#tellLogged(lines, receipt)
  }

  /** Writes numbered log lines of the remote worker that runs this run. */
  async appendWorkerLog(lines: readonly LogLine[], workerLogSeq: number): Promise<WriteResult> {
    const change: Change = { type: 'log.append', runId: this.#run.id, fence: this.#fence, lines, workerLogSeq }
    const [receipt] = await this.#parts.commit.append([change], 'patient')
    if (!receipt?.accepted) return this.#lose()
    this.#run = { ...this.#run, workerLogSeq: Math.max(this.#run.workerLogSeq, workerLogSeq) }
    this.#tellLogged(lines, receipt)
    return 'accepted'
  }

  /** Stops writing, because someone else holds the run. */
  abandon(): void {
    if (this.#isOpen) this.#lose()
  }

  #addLine(level: LogLevel, message: string, task: string | null, fields: string | null): void {
    if (this.#isOpen) this.#log.add({ at: this.#parts.clock.now(), level, task, message, fields })
  }

  // The start of a long task may be stored after its end; the end stays.
  #remember(task: TaskRecord): void {
    const known = this.#recorded.get(task.key)
    if (known === undefined || known.position === null) this.#recorded.set(task.key, task)
  }

  async #write(change: Change): Promise<WriteResult> {
    if (!this.#isOpen) return 'lost'
    const lines = this.#log.take()
    const changes = lines.length === 0 ? [change] : [this.#logChange(lines), change]
    const receipts = await this.#parts.commit.append(changes, 'patient')
    if (lines.length > 0) this.#tellLogged(lines, receipts[0])
    const receipt = receipts.at(-1)
    // A final record that is there already is our own, from a commit whose answer was lost.
    if (receipt?.accepted || receipt?.refusal === 'recorded') return 'accepted'
    return this.#lose()
  }

  #logChange(lines: readonly LogLine[]): Change {
    return { type: 'log.append', runId: this.#run.id, fence: this.#fence, lines }
  }

  #tellLogged(lines: readonly LogLine[], receipt: Receipt | undefined): void {
    if (!receipt?.accepted || receipt.firstSeq === undefined) return
    const first = receipt.firstSeq
    this.#parts.observer.logged(
      this.#run.id,
      lines.map((line, index) => ({ ...line, runId: this.#run.id, seq: first + index })),
    )
  }

  #openProgress(): number {
    const open = Math.min(MAX_OPEN_PROGRESS, this.progress.fraction(this.liveFraction))
    return Math.max(this.#run.progress, open)
  }

  #lose(): 'lost' {
    this.#close()
    return 'lost'
  }

  #close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#log.take()
    this.#parts.observer.runChanged(this)
    this.#parts.observer.closed(this)
  }
}
