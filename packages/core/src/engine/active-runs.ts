/* The runs that this engine holds: opens their journals, drives those of local flows and tells the others about every change. */
import { configurationOf } from '../definition/configuration.ts'
import type { FlowDefinition } from '../definition/flow.ts'
import { NOTHING_LEARNED } from '../journal/learned-plan.ts'
import { RunJournal } from '../journal/run-journal.ts'
import type { JournalObserver, JournalParts, RunEnd } from '../journal/run-writes.ts'
import { ReleasingMap } from '../primitives/releasing-map.ts'
import { decodeValue } from '../primitives/value.ts'
import type { ExecutionParts } from '../runner/execution-parts.ts'
import { FlowExecution, type ExecutionEnd } from '../runner/flow-execution.ts'
import { SlotLine } from '../runner/slot-line.ts'
import type { LogRecord, RunRecord, TaskRecord } from '../storage/records.ts'
import type { ActiveRunParts } from './active-run-parts.ts'
import { endIfCrashLoop } from './crash-loop.ts'
import { admitVersion } from './flow-versions.ts'
import { LeftRuns } from './left-runs.ts'
import { nextAttempt } from './next-attempt.ts'
import { readPatiently } from './patient-read.ts'
import { hasEnded } from './run-outcomes.ts'
import { toLogView } from './run-views.ts'
import type { NewestRun } from './shown-runs.ts'
import { runWithProgress } from './task-progress.ts'
import type { RunView } from './views.ts'

// How often progress that only time brings is looked at: often enough to move, seldom enough to cost nothing.
const TICK_MS = 250

const GIVEN_BACK = { status: 'queued', reason: null, engineId: null, epochsWithoutProgress: 0 } as const

/** The runs that this engine holds. */
export class ActiveRuns implements JournalObserver {
  /** What is known of runs that are not held here any more, or not yet. */
  readonly left: LeftRuns = new LeftRuns()
  readonly #parts: ActiveRunParts
  readonly #journals = new ReleasingMap<RunJournal>()
  readonly #executions = new ReleasingMap<FlowExecution>()
  readonly #executing: ExecutionParts
  readonly #written: JournalParts
  #stopTick: (() => void) | null = null
  #isClosing = false

  constructor(parts: ActiveRunParts) {
    this.#parts = parts
    const { clock, commit, observed } = parts
    const slots = new SlotLine(clock, (limits) => parts.storage.line.room(limits))
    const onEnd = this.#executionEnded.bind(this)
    this.#executing = { ...parts, middleware: observed.middleware, slots, cached: this.#cached, onEnd }
    this.#written = { commit, clock, observer: this, atEnd: this.#atEnd }
  }

  /** Number of local runs that are driven now. */
  get driven(): number {
    return this.#executions.size
  }

  journal(runId: string): RunJournal | undefined {
    return this.#journals.get(runId)
  }

  /** The runs that are held here. */
  journals(): Iterable<RunJournal> {
    return this.#journals.values()
  }

  execution(runId: string): FlowExecution | undefined {
    return this.#executions.get(runId)
  }

  // A storage that is away has no value: then the task runs.
  readonly #cached = async (key: string): Promise<string | undefined> => {
    try {
      return (await this.#parts.storage.tasks.cached(key))?.value
    } catch {
      return undefined
    }
  }

  /** A run wants a slot: those that only wait for something leave theirs. */
  parkResting(): void {
    for (const execution of this.#executions.values()) execution.parkSoon()
  }

  /** Starts no run any more: those that are claimed are given back. */
  readonly close = (): unknown => (this.#isClosing = true)

  /** All runs that are driven here. */
  executions(): readonly FlowExecution[] {
    return [...this.#executions.values()]
  }

  /** Opens the journal of a run that was just claimed. */
  async open(run: RunRecord, definition: FlowDefinition): Promise<RunJournal> {
    const { storage, models } = this.#parts
    const [records] = await Promise.all([
      readPatiently(this.#parts, () => storage.tasks.list(run.id)),
      models.load(run),
    ])
    return this.#begin(run, definition, records)
  }

  readonly #atEnd = (
    journal: RunJournal,
    { status, error, result }: RunEnd,
  ): ReturnType<NonNullable<JournalParts['atEnd']>> => {
    const next = status === 'failed' ? nextAttempt(this.#parts, journal.definition, journal.run, error) : null
    const estimate = this.#parts.expectations.ofWhole(journal)
    const alerts = this.#parts.alerts.atEnd(journal, { status, error, result }, next)
    return { ...(next && { next }), ...(estimate && { estimate }), ...(alerts && { alerts }) }
  }

  #begin(run: RunRecord, definition: FlowDefinition, records: readonly TaskRecord[]): RunJournal {
    const configuration = configurationOf(this.#parts.configurations, run.configuration, definition.configurations)
    const model = this.#parts.models.peek(run)
    const facts = { definition, configuration, learned: model?.plan ?? NOTHING_LEARNED }
    const newest = this.left.newest(run)
    const journal = new RunJournal(this.#written, facts, newest.epoch === run.epoch ? newest : run, records)
    const before = this.#journals.get(run.id)
    // Claimed long ago: it was claimed again or has ended since.
    if (Math.max(before?.run.epoch ?? 0, newest.epoch) > run.epoch) {
      journal.abandon()
      return journal
    }
    this.#parts.expectations.opened(run, definition, model, run.epoch === 1 && records.length === 0)
    // An engine may take up again what it has lost without noticing it.
    before?.abandon()
    this.#journals.set(run.id, journal)
    this.#tickWhileActive()
    this.#parts.observed.runs.opened(journal)
    this.runChanged(journal)
    return journal
  }

  /** Drives a claimed run of a local flow to the end of its stretch. @param newInput Given for a run that was just created. */
  drive(run: RunRecord, definition: FlowDefinition, newInput?: string | null): void {
    const broke = (error: unknown): void => this.#parts.onDriven(run, definition, error)
    // A new run has no records, and no past: nothing has to be waited for.
    if (newInput === undefined) this.#reopen(run, definition).catch(broke)
    else
      try {
        this.#driveOpened(this.#begin(run, definition, []), newInput)
      } catch (error) {
        broke(error)
      }
  }

  async #reopen(run: RunRecord, definition: FlowDefinition): Promise<void> {
    const journal = await this.open(run, definition)
    if (!journal.isOpen || (await endIfCrashLoop(journal)) || !(await admitVersion(this.#parts, journal)))
      return this.#driven(journal)
    // Read before there is an execution: the time that a cancelled flow has to end begins with its code.
    const text = await readPatiently(this.#parts, () => this.#parts.storage.runs.input(run.id))
    this.#driveOpened(journal, text)
  }

  // Nothing waits for the run while it is driven: it tells when it is over.
  #driveOpened(journal: RunJournal, text: string | null): void {
    const { id } = journal.run
    if (this.#journals.get(id) !== journal) return this.#driven(journal) // Lost or ended meanwhile.
    const broke = (error: unknown): void => this.#driven(journal, error)
    if (this.#isClosing) return void journal.update(GIVEN_BACK).then(() => this.#driven(journal), broke)
    const input = text === null ? undefined : decodeValue(text)
    const execution = new FlowExecution(journal, this.#executing)
    this.#executions.set(id, execution)
    execution.drive(input)
  }

  #executionEnded(execution: FlowExecution, end: ExecutionEnd): void {
    const { journal } = execution
    if (this.#executions.get(journal.runId) === execution) this.#executions.delete(journal.runId)
    if (end === 'parked') this.#toldWhenToGoOn(journal.run)
    else if (end === 'lost') this.#parts.onLeft(null)
    this.#driven(journal)
  }

  #driven({ run, definition }: RunJournal, error: unknown = null): void {
    this.#parts.onDriven(run, definition, error)
  }

  /** The view of a run, with what only its journal knows when it is held here. */
  view(run: RunRecord): RunView {
    return this.#parts.shown.view(this.#newest(run))
  }

  /** The view of a run as it is now, for those who may never ask for it. Without its estimate: who starts runs does not watch them. */
  viewLater(run: RunRecord): () => RunView {
    const newest = this.#newest(run)
    return () => this.#parts.shown.viewBriefly(newest)
  }

  /** The view of a run with its estimate, for which something may have to be read. */
  viewFully(run: RunRecord): Promise<RunView> {
    return this.#parts.shown.viewFully(() => this.#newest(run))
  }

  #newest(run: RunRecord): NewestRun {
    const journal = this.#journals.get(run.id)
    return { run: journal?.isOpen ? journal.run : this.left.newest(run), journal }
  }

  runChanged(journal: RunJournal): void {
    this.#parts.observed.runs.changed(journal)
    this.tellChanged(journal.run)
  }

  /** Tells of a run as it is now. */
  tellChanged(run: RunRecord): void {
    this.#parts.shown.runChanged(this.#newest(run))
  }

  taskChanged(journal: RunJournal, key: string): void {
    this.#parts.shown.taskChanged(journal, key)
  }

  taskRecorded(journal: RunJournal, task: TaskRecord): void {
    this.#parts.observed.runs.taskRecorded(journal, task)
  }

  logged({ id: runId, flowId }: Pick<RunRecord, 'id' | 'flowId'>, lines: readonly LogRecord[]): void {
    this.#parts.bus.publish('log.appended', () => ({ runId, flowId, lines: lines.map(toLogView) }))
  }

  closed(journal: RunJournal): void {
    // One that came too late to be held at all.
    if (this.#journals.get(journal.run.id) !== journal) return
    this.#journals.delete(journal.run.id)
    const { run, outcome, definition } = journal
    const { observed, outcomes, learner } = this.#parts
    this.left.add(run)
    this.#parts.alerts.ended(run.id)
    if (hasEnded(run)) {
      this.#parts.expectations.forget(run.id)
      this.#parts.onEnded(run.id)
      observed.runs.ended(definition, { run, result: outcome.result })
      outcomes.ended({ run, result: outcome.result })
      this.childEnded(run)
      if (outcome.next) this.#parts.onNext(outcome.next)
      learner.ended(run, journal.records)
      return
    }
    observed.runs.left(run.id)
    if (run.engineId !== null) void this.#lost(journal)
  }

  /** What a parked run waits for beside a time may have come in the moment of parking: then it goes on at once. */
  #toldWhenToGoOn({ reason, wakeAt }: RunRecord): void {
    if (wakeAt !== null) this.#parts.onLeft(wakeAt)
    if (reason !== null && reason !== 'sleep') this.#parts.onLeft(null)
  }

  /** A run was ended by force, whoever drives it: it is shut out. */
  forced(run: RunRecord): void {
    this.#executions.get(run.id)?.lose()
    this.#journals.get(run.id)?.abandon()
    this.left.add(run)
  }

  /** A run has ended that another one may wait for. */
  childEnded({ parentRunId, parentKey }: RunRecord): void {
    if (parentRunId === null) return
    const parent = this.#executions.get(parentRunId)
    if (parent) parent.poke(parentKey ?? undefined)
    else this.#parts.onLeft(null)
  }

  /** The run goes on elsewhere, or its end was stored and the answer lost: what is stored is what others are to see. */
  async #lost(journal: RunJournal): Promise<void> {
    const runId = journal.run.id
    const execution = this.#executions.get(runId)
    if (execution?.journal === journal) execution.lose()
    this.#parts.observed.runs.lost(journal.run)
    this.#parts.outcomes.lost(runId)
    try {
      const run = await runWithProgress(this.#parts.storage, runId)
      if (run === null) return
      this.left.add(run)
      this.tellChanged(run)
    } catch (error) {
      if (!this.#parts.commit.isClosed) this.#parts.report(error, `reading run ${runId}, which was lost`)
    }
  }

  #tickWhileActive(): void {
    // Holds the process: as long as runs are active there is work to do.
    this.#stopTick ??= this.#parts.clock.setTimer(TICK_MS, () => this.#tick(), { ref: true })
  }

  #tick(): void {
    this.#stopTick = null
    for (const journal of this.#journals.values()) void journal.tick()
    this.#parts.shown.look(this.#journals.values())
    this.#parts.alerts.look(this.#journals.values())
    if (this.#journals.size > 0) this.#tickWhileActive()
  }

  /** Stops looking at progress. */
  stop(): void {
    this.#stopTick?.()
    this.#stopTick = null
  }
}
