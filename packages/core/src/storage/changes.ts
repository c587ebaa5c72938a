import type { SerializedError } from '../errors/serialized-error.ts'
import type {
  EngineRecord,
  FinalRunStatus,
  FlowRecord,
  LogLine,
  RunRecord,
  RunStatus,
  TaskRecord,
  WaitReason,
} from './records.ts'

/** Proof that the writer still holds the run; a change with another proof is refused. */
export interface Fence {
  readonly runId: string
  readonly epoch: number
  readonly engineId: string
}

/**
 * Stores a new run with its input. Refused as `duplicate` when its flow already has a run with its idempotency key, or its id is taken:
 * then it is the same change once more.
 */
export interface CreateRun {
  readonly type: 'run.create'
  readonly run: RunRecord
  readonly input: string | null
}

/**
 * Takes a run: `epoch` grows by one, status becomes `running`, `reason` and `wakeAt` become null, worker sequence numbers restart at 0,
 * `epochsWithoutProgress` grows by one and `startedAt` is set when it is not.
 * Accepted when the stored epoch is still `expectedEpoch`, the status is not final, and either nobody holds the run
 * (`engineId` null) or the holder has no engine record with a lease in the future.
 */
export interface ClaimRun {
  readonly type: 'run.claim'
  readonly runId: string
  readonly expectedEpoch: number
  readonly engineId: string
  readonly workerId: string | null
}

/**
 * Moves a held run, which a remote worker runs, to the engine that the worker is connected to now, without a new epoch. Accepted when the
 * stored epoch is `epoch`, the status is not final and somebody holds the run; alive or not, the holder is shut out by its fence.
 */
export interface AdoptRun {
  readonly type: 'run.adopt'
  readonly runId: string
  readonly epoch: number
  readonly engineId: string
}

/** Changes fields of a held run. Only the fields given are changed; `progress` never falls. */
export interface UpdateRun extends Fence {
  readonly type: 'run.update'
  readonly patch: {
    readonly status?: Exclude<RunStatus, FinalRunStatus>
    readonly reason?: WaitReason | null
    readonly wakeAt?: number | null
    /** null gives the run back: nobody holds it any more. */
    readonly engineId?: null
    readonly workerId?: null
    readonly progress?: number
    /** 0 when a release is not the flow's fault (drain, lost worker connection). */
    readonly epochsWithoutProgress?: 0
    readonly workerEventSeq?: number
  }
}

/** Ends a held run. Nobody holds it afterwards, and it waits for nothing: `engineId`, `reason` and `wakeAt` become null; `progress` never falls. */
export interface FinishRun extends Fence {
  readonly type: 'run.finish'
  readonly status: FinalRunStatus
  readonly finishedAt: number
  readonly progress: number
  readonly result: string | null
  readonly error: SerializedError | null
  /** Clears the values of the run's tasks: they were needed for replay only. */
  readonly dropTaskValues?: boolean
  readonly workerEventSeq?: number
}

/**
 * Asks for the end of a run, whoever holds it. A run that nobody holds becomes `cancelled` at once (with `epoch + 1`,
 * `finishedAt = at`, and `reason` and `wakeAt` null);
 * a held one gets `cancelRequestedAt` and `cancelReason` (the first request wins). Refused as `finished` when it has ended.
 */
export interface CancelRun {
  readonly type: 'run.cancel'
  readonly runId: string
  readonly at: number
  readonly reason: string | null
}

/**
 * Stores a task record of a held run. A final record is never replaced: the change is then refused as `recorded`.
 * A new final record adds one to `tasksDone` and sets `epochsWithoutProgress` to 0. `progress` raises the run's, never lowers it.
 */
export interface PutTask extends Fence {
  readonly type: 'task.put'
  readonly task: TaskRecord
  readonly progress: number
  readonly workerEventSeq?: number
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
  | PutTask
  | AppendLog
  | PutFlow
  | RemoveFlow
  | PutEngine
  | RemoveEngine

/** Why a change was refused. Nothing of it is stored. */
export type Refusal =
  /** No such run. */
  | 'missing'
  /** Another epoch or another engine holds the run. */
  | 'stale'
  /** The run has ended. */
  | 'finished'
  /** Its idempotency key or its id is taken; `runId` names the run that has it. */
  | 'duplicate'
  /** The task has its final record already. */
  | 'recorded'

/** What became of a change. */
export type Receipt =
  | {
      readonly accepted: true
      /** For `run.create`, `run.claim`, `run.adopt` and `run.cancel`: the run as it is stored now. */
      readonly run?: RunRecord
      /** For `log.append`: number of the first line. */
      readonly firstSeq?: number
    }
  | { readonly accepted: false; readonly refusal: Refusal; readonly runId?: string }
