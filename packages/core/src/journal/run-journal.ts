/*
 * The journal of one run that this engine holds: every write about the run goes through it, under the fence of its epoch.
 * What it shows (`run`, `record`) is what is committed; observers hear of it after the commit.
 */
import type { Configuration } from '../definition/configuration.ts'
import type { FlowDefinition } from '../definition/flow.ts'
import type { LogLevel } from '../primitives/log-level.ts'
import { SmallMap } from '../primitives/small-map.ts'
import type { Change, Receipt } from '../storage/changes.ts'
import type { LogLine, RunRecord, TaskRecord } from '../storage/records.ts'
import type { Fence, UpdateRun } from '../storage/run-changes.ts'
import { AnswerOrder } from './answer-order.ts'
import { toFinish } from './finish.ts'
import { FoundTasks } from './found-tasks.ts'
import type { JournalFacts } from './journal-facts.ts'
import { LiveTasks, type BegunTask, type LiveTask } from './live-tasks.ts'
import { MAX_OPEN_PROGRESS, ProgressModel, type ProgressCall } from './progress.ts'
import { RunWriter } from './run-writer.ts'
import type { JournalParts, RunEnd, SideChange, TaskExtras, TaskOutcome, WriteResult } from './run-writes.ts'
import { summarize, toTaskRecord, type RecordSums, type RunOutcome } from './task-record.ts'

const NO_HOLDER = { reason: null, wakeAt: null, engineId: null } as const
const STARTED = { status: 'running', finishedAt: null, wakeAt: null, value: null, error: null } as const

/** The journal of one held run. What few runs need is made when they need it: see "Memory per running run" in `docs/design/performance.md`. */
export class RunJournal {
  readonly definition: FlowDefinition
  readonly configuration: Configuration
  readonly progress: ProgressModel
  readonly live: LiveTasks
  readonly #parts: JournalParts
  readonly #fence: Fence
  #recorded: SmallMap<TaskRecord> | null = null
  #writer: RunWriter | null = null
  #found: FoundTasks | null = null
  #order: AnswerOrder | null = null
  #run: RunRecord
  // What the last task records have changed: a copy of the whole run for each would cost more than they do.
  #ahead: Pick<RunRecord, 'progress' | 'tasksDone' | 'epochsWithoutProgress' | 'workerEventSeq'> | null = null
  readonly #sums: RecordSums
  #tasksTold: number
  #outcome: RunOutcome = NO_OUTCOME
  #furthest: number // The highest progress that was written, answered or not.
  #isOpen = true
  #isTicking = false

  /** @param run The run as it was claimed. @param records Its task records so far. */
  constructor(parts: JournalParts, facts: JournalFacts, run: RunRecord, records: readonly TaskRecord[]) {
    if (run.engineId === null) throw new TypeError('A journal needs a run that is held.')
    this.#parts = parts
    this.definition = facts.definition
    this.configuration = facts.configuration
    const { progress, tasksDone, ...sums } = summarize(run, records, this.definition.limits !== null)
    this.#sums = sums
    this.#run = records.length === 0 ? run : { ...run, progress, tasksDone }
    this.#tasksTold = run.tasksDone
    this.#furthest = progress
    this.#fence = { runId: run.id, epoch: run.epoch, engineId: run.engineId }
    for (const record of records) this.#remember(record)
    this.live = new LiveTasks(parts.clock, facts.learned)
    this.progress = new ProgressModel(this.definition.plan, facts.learned)
  }

  get runId(): string {
    return this.#fence.runId
  }

  /** The run as it is committed. */
  get run(): RunRecord {
    if (this.#ahead !== null) {
      this.#run = { ...this.#run, ...this.#ahead }
      this.#ahead = null
    }
    return this.#run
  }

  /** What came of a run that has ended. */
  get outcome(): RunOutcome {
    return this.#outcome
  }

  /** False once the run has ended or was lost: nothing more is written. */
  get isOpen(): boolean {
    return this.#isOpen
  }

  get foundTasks(): FoundTasks {
    return (this.#found ??= new FoundTasks(this.#parts.clock, () => this.#parts.observer.runChanged(this)))
  }

  get records(): ReadonlyMap<string, TaskRecord> {
    return this.#recorded ?? NO_RECORDS
  }

  get liveTasks(): ReadonlyMap<string, LiveTask> {
    return this.live.tasks
  }

  /** A task starts to run here, or to wait in line for a place. Not written by itself. */
  begin(call: ProgressCall, task: BegunTask, place: LiveTask['place'] = null): void {
    if (place === null) this.progress.begin(call)
    this.live.add(call, task, place)
    this.#parts.observer.taskChanged(this, call.key)
  }

  /** A task was told to stop and has stopped: it has no end of its own. */
  leave(key: string): void {
    this.live.remove(key)
  }

  /** A running task tells how far it is; the larger fraction stays. */
  report(key: string, fraction: number, note: string | null): void {
    if (this.live.report(key, fraction, note)) this.#parts.observer.taskChanged(this, key)
  }

  /** Writes the record of a task, with the log lines before it. Afterwards the record is in {@link records}. */
  record(outcome: TaskOutcome, extras: TaskExtras = {}): Promise<WriteResult> {
    const isFinal = outcome.status === 'succeeded' || outcome.status === 'failed'
    if (isFinal) this.progress.finish(outcome.key, outcome.status === 'failed')
    else this.live.recorded(outcome.key)
    this.#sums.valueChars += outcome.value?.length ?? 0
    const { runId, epoch } = this.#fence
    const seq = this.#recorded?.get(outcome.key)?.seq ?? ++this.#sums.seq
    const position = isFinal ? ++this.#sums.position : null
    const progress = this.#openProgress(this.live.hasTold)
    const task = toTaskRecord(outcome, { runId, epoch, seq, position, progress })
    const inTurn = isFinal ? (this.#order ??= new AnswerOrder()).ask() : atOnce
    return new Promise((resolve, reject) => {
      this.#write(
        { type: 'task.put', ...this.#fence, task, ...extras },
        (written) =>
          inTurn(() => {
            if (written === 'accepted') this.#wasRecorded(task, extras)
            resolve(written)
          }),
        (error) => inTurn(() => reject(error)),
      )
    })
  }

  #wasRecorded(task: TaskRecord, { workerEventSeq = 0 }: TaskExtras): void {
    const isFinal = task.position !== null
    this.#remember(task)
    if (isFinal) this.live.remove(task.key)
    const now = this.#ahead ?? this.#run
    this.#ahead = {
      progress: Math.max(now.progress, task.progress),
      tasksDone: now.tasksDone + (isFinal ? 1 : 0),
      epochsWithoutProgress: isFinal ? 0 : now.epochsWithoutProgress,
      workerEventSeq: Math.max(now.workerEventSeq, workerEventSeq),
    }
    this.#parts.observer.taskRecorded(this, task)
    this.#parts.observer.taskChanged(this, task.key)
    if (this.#isOpen) this.#parts.observer.runChanged(this)
  }

  /** Writes something about the run that is no record, with the log lines before it; gives its receipt, also one that says `limited` or `recorded`. */
  async exchange(change: SideChange): Promise<Receipt | 'lost'> {
    if (!this.#isOpen) return 'lost'
    this.#sums.hasPlaces = true
    const receipt = await this.#out.receipt({ ...change, ...this.#fence })
    const isOurs = receipt?.accepted || receipt?.refusal === 'limited' || receipt?.refusal === 'recorded'
    return receipt && isOurs ? receipt : this.#lose()
  }

  /** Writes the progress that time and reports have brought, when it shows; and the start of tasks that take long. One at a time. */
  async tick(): Promise<void> {
    if (!this.#isOpen || this.#isTicking) return
    this.#isTicking = true
    const started = this.live.takeUnrecordedLong().map((task) => this.record({ ...task, ...STARTED }))
    const progress = this.#openProgress(this.live.canTell)
    const isFurther = Math.floor(progress * 1000) > Math.floor(this.run.progress * 1000)
    if (isFurther || this.run.tasksDone > this.#tasksTold) await this.update({ progress })
    await Promise.all(started)
    this.#isTicking = false
  }

  /** Changes the run while it is held. */
  async update(patch: UpdateRun['patch']): Promise<WriteResult> {
    const { tasksDone } = this.run
    const progress = Math.max(this.#furthest, patch.progress ?? 0)
    this.#tasksTold = tasksDone
    const freeSlots = patch.engineId === null && this.#sums.hasPlaces
    const change = { type: 'run.update', ...this.#fence, patch: { ...patch, progress, tasksDone } } as const
    const written = await this.#written(freeSlots ? { ...change, freeSlots } : change)
    if (written === 'lost') return 'lost'
    this.#run = { ...this.run, ...patch, progress: Math.max(this.run.progress, progress) }
    if (patch.engineId === null) this.#close()
    else if (this.#isOpen) this.#parts.observer.runChanged(this)
    return 'accepted'
  }

  /** Ends the run. */
  async finish(end: RunEnd, workerEventSeq?: number): Promise<WriteResult> {
    const finishedAt = this.#parts.clock.now()
    const progress = end.status === 'succeeded' ? 1 : this.#furthest
    const extras = this.#parts.atEnd?.(this, end) ?? {}
    const { tasksDone } = this.run
    const facts = { sums: this.#sums, configuration: this.configuration, workerEventSeq, tasksDone, ...extras }
    const change = toFinish(this.#fence, end, { finishedAt, progress, ...facts })
    let { next = null } = extras
    // A child does not go on when its parent has ended.
    const written = await this.#written(change, (run) => (next = run?.nextRunId === null ? null : next))
    if (written === 'lost') return 'lost'
    const { result, ...ended } = { ...end, finishedAt, progress: Math.max(this.run.progress, progress) }
    this.#outcome = { result, next }
    this.#run = { ...this.run, ...ended, ...NO_HOLDER, nextRunId: next?.id ?? null }
    this.live.clear()
    this.#close()
    return 'accepted'
  }

  /** Someone asked something of the run, which is already stored. */
  requested(request: Partial<Pick<RunRecord, 'cancelRequestedAt' | 'cancelReason' | 'pausedAt'>>): void {
    this.#run = { ...this.run, ...request }
    this.#parts.observer.runChanged(this)
  }

  /** Adds a line of the flow to the log. */
  log(level: LogLevel, message: string, task: string | null, fields: string | null = null): void {
    if (this.#isOpen) this.#out.log.add(level, message, task, fields)
  }

  /** Adds a line of the engine about the run to its log. */
  note(level: LogLevel, message: string, task: string | null = null): void {
    if (this.#isOpen) this.#out.log.note(level, message, task)
  }

  /** Writes numbered log lines of the remote worker that runs this run. */
  async appendWorkerLog(lines: readonly LogLine[], workerLogSeq: number): Promise<WriteResult> {
    if (!(await this.#out.workerLog(lines, workerLogSeq))) return this.#lose()
    this.#run = { ...this.run, workerLogSeq: Math.max(this.run.workerLogSeq, workerLogSeq) }
    return 'accepted'
  }

  /** Stops writing, because someone else holds the run. */
  abandon(): void {
    if (this.#isOpen) this.#lose()
  }

  get #out(): RunWriter {
    return (this.#writer ??= new RunWriter(this.#parts, this, this.#fence))
  }

  // The start of a long task may be stored after its end; the end stays.
  #remember(task: TaskRecord): void {
    const known = this.#recorded?.get(task.key)
    if (known === undefined || known.position === null || known.origin === 'copied')
      (this.#recorded ??= new SmallMap()).set(task.key, task)
  }

  #written(change: Change, hear?: (run: RunRecord | undefined) => void): Promise<WriteResult> {
    return new Promise((resolve, reject) => this.#write(change, resolve, reject, hear))
  }

  #write(
    change: Change,
    tell: (written: WriteResult) => void,
    reject: (error: unknown) => void,
    hear?: (run: RunRecord | undefined) => void,
  ): void {
    if (!this.#isOpen) return tell('lost')
    const told = (receipt: Receipt | undefined): void => {
      if (receipt?.accepted) hear?.(receipt.run)
      // A final record that is there already is our own, from a commit whose answer was lost.
      tell(receipt?.accepted || receipt?.refusal === 'recorded' ? 'accepted' : this.#lose())
    }
    this.#out.send(change, told, reject)
  }

  /** @param isAsked Whether running tasks are asked how far they are. */
  #openProgress(isAsked: boolean): number {
    const open = Math.min(MAX_OPEN_PROGRESS, this.progress.fraction(isAsked ? (key) => this.live.fraction(key) : null))
    return (this.#furthest = Math.max(this.#furthest, open))
  }

  #lose(): 'lost' {
    this.#close()
    return 'lost'
  }

  #close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#writer?.log.take()
    this.#parts.observer.runChanged(this)
    this.#parts.observer.closed(this)
  }
}

const NO_RECORDS: ReadonlyMap<string, TaskRecord> = new SmallMap()
const NO_OUTCOME: RunOutcome = { result: null, next: null }
const atOnce = (act: () => void): void => act()
