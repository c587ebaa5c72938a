/* What is written to the journal of a run, and who hears of it. */
import type { SerializedError } from '../errors/serialized-error.ts'
import type { Clock } from '../primitives/clock.ts'
import type { AwaitSignal, CloseWait, FreeSlots, PutTask, TakeSlots } from '../storage/changes.ts'
import type { FinalRunStatus, LogRecord, RunRecord, TaskRecord } from '../storage/records.ts'
import type { Fence, FinishRun } from '../storage/run-changes.ts'
import type { GroupCommit } from './group-commit.ts'
import type { RunJournal } from './run-journal.ts'

/** Hears what was committed. */
export interface JournalObserver {
  runChanged(journal: RunJournal): void
  taskChanged(journal: RunJournal, key: string): void
  taskRecorded(journal: RunJournal, task: TaskRecord): void
  logged(run: Pick<RunRecord, 'id' | 'flowId'>, lines: readonly LogRecord[]): void
  /** The run has ended, or is held by someone else now, or was given back. Nothing follows. */
  closed(journal: RunJournal): void
}

/** What a journal works with. */
export interface JournalParts {
  readonly commit: GroupCommit
  readonly clock: Clock
  readonly observer: JournalObserver
  /** What is stored along with the end of a run: the run that goes on in its place, what was expected of it, and who is told. */
  readonly atEnd?: (journal: RunJournal, end: RunEnd) => Pick<FinishRun, 'next' | 'estimate' | 'alerts'>
}

/** What has the same value in most task records. */
type Usual = 'origin' | 'args' | 'childRunId'

/** A task record without what the journal fills in. */
export type TaskOutcome = Omit<TaskRecord, 'runId' | 'epoch' | 'position' | 'seq' | 'progress' | Usual> &
  Partial<Pick<TaskRecord, Usual>>

/** What is written along with a task record. */
export type TaskExtras = Pick<PutTask, 'workerEventSeq' | 'cache' | 'freeSlots'>

/** A fenced write beside task records; the journal adds the fence. */
export type SideChange =
  | Omit<TakeSlots, keyof Fence>
  | Omit<FreeSlots, keyof Fence>
  | Omit<AwaitSignal, keyof Fence>
  | Omit<CloseWait, keyof Fence>

/** `lost`: someone else holds the run; nothing was stored and nothing more may be done for it. */
export type WriteResult = 'accepted' | 'lost'

/** How a run ends. */
export interface RunEnd {
  readonly status: FinalRunStatus
  readonly result: string | null
  readonly error: SerializedError | null
}
