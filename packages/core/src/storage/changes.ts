import type { ClaimAlert, PutAlerts, RetryAlert, SettleAlert } from './alert-changes.ts'
import type { EndAudit, PutAudit } from './audit-records.ts'
import type {
  EngineRecord,
  EstimateModelRecord,
  FlowRecord,
  LogLine,
  RunRecord,
  ScheduleRecord,
  SignalRecord,
  TaskRecord,
} from './records.ts'
import type {
  AdoptRun,
  CancelRun,
  ClaimRun,
  CreateRun,
  Fence,
  FinishRun,
  Limit,
  PauseRun,
  RemoveRun,
  ResumeRun,
  UpdateRun,
} from './run-changes.ts'
import type { PutSeen } from './seen-records.ts'
import type { PutView, RemoveView } from './view-records.ts'

/**
 * Stores a task record of a held run. A final record is never replaced, unless it was copied: the change is then refused as `recorded`.
 * The `seq` of a replaced record stays. Nothing of the run changes but its `workerEventSeq`.
 */
export interface PutTask extends Fence {
  readonly type: 'task.put'
  readonly task: TaskRecord
  readonly workerEventSeq?: number
  /** Keeps the value for other calls with this key. */
  readonly cache?: { readonly key: string; readonly expiresAt: number }
  /** Gives the slots of the task back. */
  readonly freeSlots?: boolean
}

/**
 * Takes a slot of each limit for a task of a held run, or of none: refused as `limited` then. Taking one again that was not given back
 * changes nothing; after that it is a new start.
 *
 * A run that neither a living engine holds nor the one that asks does not keep a task of another one waiting: when its tasks have slots of
 * these limits, it is queued, its slots but its gate are given back, and who held it is shut out; its `undoTasks` are at least 1 then, since
 * nobody knows them.
 */
export interface TakeSlots extends Fence {
  readonly type: 'slots.take'
  readonly task: string
  readonly limits: readonly Limit[]
}

/**
 * Gives the slots of a task of a held run back. Who has lost the run has none: they were given back when it was claimed anew, and what the
 * same task has taken since is another's.
 */
export interface FreeSlots extends Fence {
  readonly type: 'slots.free'
  readonly task: string
}

/**
 * Sends a signal. The oldest wait that it fits takes it: one of its run and name, or, without a run, one of its name and match. A run that
 * takes it, and that nobody holds and that waits, is to wake at once. Refused as `duplicate` when the id is known, as `missing` or
 * `finished` when its run is.
 */
export interface SendSignal {
  readonly type: 'signal.send'
  readonly signal: SignalRecord
}

/**
 * Waits for a signal on behalf of a task of a held run: takes the oldest one that fits and that nobody has taken, else the wait is open
 * until one comes. Asked again it gives the signal that was taken.
 */
export interface AwaitSignal extends Fence {
  readonly type: 'signal.await'
  readonly task: string
  readonly name: string
  readonly match: string | null
  /** Forgets the signal of this id first, which the task has taken and cannot use. */
  readonly reject?: string
}

/**
 * Ends a wait without a signal. Refused as `recorded` when it has taken one. With the end of a run all its waits end; a signal for no run in
 * particular that it has taken, and whose task has no final record, is there for others again, as if it had just been sent.
 */
export interface CloseWait extends Fence {
  readonly type: 'signal.close'
  readonly task: string
}

/** Stores a schedule. Refused as `stale` when the stored revision is not the expected one; null: there is none yet. */
export interface PutSchedule {
  readonly type: 'schedule.put'
  readonly schedule: ScheduleRecord
  readonly expectedRevision: number | null
  /** Made with it, in order, or not at all when it is refused. Each is accepted or refused by itself: see the receipt. */
  readonly changes?: readonly (CreateRun | CancelRun | AppendLog | PutAlerts)[]
}

/** Forgets a schedule; its runs stay. */
export interface RemoveSchedule {
  readonly type: 'schedule.remove'
  readonly scheduleId: string
}

/** A version of a flow was seen: stores it, or the time at which it was seen last. */
export interface PutFlowVersion {
  readonly type: 'version.put'
  readonly flowId: string
  readonly version: string
  readonly fingerprint: string
  readonly at: number
}

/** Stores or replaces what was learned from past runs of a flow. The last writer wins. */
export interface PutEstimateModel {
  readonly type: 'estimate.put'
  readonly model: EstimateModelRecord
}

/**
 * Forgets cached values that have expired, signals for no run in particular that nobody took, sent before an instant, and what was learned
 * from past runs and not changed since another; of statistics the hours and the days that began before an instant each, and the failures
 * that were not seen since, or are not of the 5,000 kinds that were seen last. Counts of runs per status go on.
 */
export interface Sweep {
  readonly type: 'sweep'
  readonly signalsBefore: number
  readonly estimatesBefore: number
  /** Forgets alerts that were made before this instant, whatever became of them. */
  readonly alertsBefore?: number
  /** Forgets actions of the audit log of before an instant, and those beyond the newest `keep`. */
  readonly audit?: { readonly before: number | null; readonly keep: number | null }
  readonly statsBefore?: { readonly hour: number; readonly day: number; readonly failure: number }
}

/** Appends lines to the log of a run; the receipt has the `seq` of the first one. Without a fence anybody may append, also after the end. */
export interface AppendLog {
  readonly type: 'log.append'
  readonly runId: string
  readonly fence: Fence | null
  readonly lines: readonly LogLine[]
  readonly workerLogSeq?: number
}

/** Stores or replaces a flow. */
export interface PutFlow {
  readonly type: 'flow.put'
  readonly flow: FlowRecord
}

/** Forgets a flow; its runs stay. */
export interface RemoveFlow {
  readonly type: 'flow.remove'
  readonly flowId: string
}

/** Registers an engine or renews its lease: it ends `leaseMs` after now by the storage clock. */
export interface PutEngine {
  readonly type: 'engine.put'
  readonly engine: Omit<EngineRecord, 'leaseUntil'>
  readonly leaseMs: number
}

/** Forgets an engine; its runs can be claimed at once. */
export interface RemoveEngine {
  readonly type: 'engine.remove'
  readonly engineId: string
}

/** One write. */
export type Change =
  | CreateRun
  | ClaimRun
  | AdoptRun
  | UpdateRun
  | FinishRun
  | CancelRun
  | PauseRun
  | ResumeRun
  | RemoveRun
  | PutTask
  | TakeSlots
  | FreeSlots
  | SendSignal
  | AwaitSignal
  | CloseWait
  | AppendLog
  | PutFlow
  | RemoveFlow
  | PutFlowVersion
  | PutSchedule
  | RemoveSchedule
  | PutEngine
  | RemoveEngine
  | PutEstimateModel
  | PutAlerts
  | ClaimAlert
  | SettleAlert
  | RetryAlert
  | PutAudit
  | EndAudit
  | PutView
  | RemoveView
  | PutSeen
  | Sweep

/** Why a change was refused. Nothing of it is stored. */
export type Refusal =
  /** No such run, or view. */
  | 'missing'
  /** Another epoch or another engine holds the run, or what is stored is of another revision. */
  | 'stale'
  /** The run has ended. */
  | 'finished'
  /** Its idempotency key or its id is taken; `runId` names the run that has it. */
  | 'duplicate'
  /** The task has its final record already, or the wait its signal. */
  | 'recorded'
  /** A limit is used up; for slots, `retryAt` says when to ask again, as far as time alone will tell. Slots that could be taken were not. */
  | 'limited'
  /** The run has not ended. */
  | 'open'

/** What became of a change. */
export type Receipt =
  | {
      readonly accepted: true
      /**
       * For every `run.…` that is not fenced, `run.claim`, and `run.finish` with `next`: the run as it is stored now. For `signal.send`, when
       * it was taken: the run that took it.
       */
      readonly run?: RunRecord
      /** For `log.append`: number of the first line. */
      readonly firstSeq?: number
      /** For `signal.send` and `signal.await`: the signal, when it was taken. */
      readonly signal?: SignalRecord
      /** For `schedule.put` with `changes`: the receipts of those. */
      readonly receipts?: readonly Receipt[]
    }
  | {
      readonly accepted: false
      readonly refusal: Refusal
      readonly runId?: string
      /** For `limited`: when a slot of a rate comes free; null when only the end of another run or task frees one. */
      readonly retryAt?: number | null
    }
