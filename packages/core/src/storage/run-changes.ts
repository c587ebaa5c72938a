/* Writes about runs. */
import type { SerializedError } from '../errors/serialized-error.ts'
import type { NewAlert } from './alert-records.ts'
import type { FinalRunStatus, RunEstimate, RunRecord, RunStatus, WaitReason } from './records.ts'

/** Proof that the writer still holds the run; a change with another proof is refused. */
export interface Fence {
  readonly runId: string
  readonly epoch: number
  readonly engineId: string
}

/**
 * A limit that has to be kept: so many at a time, or so many starts in any stretch of time. A start counts until `perMs` have passed, also
 * when its slot was given back. `max`: Range: >= 1.
 */
export type Limit =
  | { readonly key: string; readonly max: number }
  | { readonly key: string; readonly max: number; readonly perMs: number }

/** What a new run does when the same work is known already. */
export type Collapse =
  /** Refused as `duplicate` when an open run of the flow has the same `dedupeKey`. */
  | { readonly kind: 'dedupe' }
  /**
   * When a run of the flow with the same `dedupeKey`, which is no retry, waits for its first start, paused or not, that one gets the new input, and waits until
   * the new run's `wakeAt`, but at most `maxWaitMs` from its creation; the receipt has it.
   */
  | { readonly kind: 'debounce'; readonly maxWaitMs: number }

/**
 * Stores a new run with its input. Refused as `duplicate` when its flow already has a run with its idempotency key, or its id is taken:
 * then it is the same change once more, and nothing is collapsed. Refused as `finished` when its parent has ended: nobody waits for it. A
 * run that has ended already is counted in the statistics.
 */
export interface CreateRun {
  readonly type: 'run.create'
  readonly run: RunRecord
  readonly input: string | null
  readonly collapse?: Collapse
  /** Copies the succeeded task records of another run up to a position (null: all), as `copied` under epoch 0; those that were to be undone are left out. Counted in `tasksDone`. */
  readonly copyTasks?: { readonly runId: string; readonly throughPosition: number | null }
}

/**
 * Takes a run: `epoch` grows by one, status becomes `running`, `reason` and `wakeAt` become null, worker sequence numbers restart at 0,
 * `startedAt` is set when it is not, and `epochsWithoutProgress` grows by one, from 0 when the last epoch has a final task record.
 * Accepted when the stored epoch is still `expectedEpoch`, the status is not final, the run is not paused, and either nobody holds the run
 * (`engineId` null) or the holder has no engine record with a lease in the future. Refused as `limited` when its gate or one of `limits`
 * is used up. Slots that the run had before do not count, and are given back when it is accepted.
 */
export interface ClaimRun {
  readonly type: 'run.claim'
  readonly runId: string
  readonly expectedEpoch: number
  readonly engineId: string
  readonly workerId: string | null
  readonly limits?: readonly Limit[]
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

/**
 * Changes fields of a held run. Only the fields given are changed; `progress` and `tasksDone` never fall. A run that is given back as
 * `paused` but is not to pause any more is queued, for a `slot`. One that is given back `waiting` (`paused` too, `version` not) or `retrying`,
 * and for which a signal or a child has come whose task has no final record, is to wake at once: then `wakeAt` is the time of the storage clock, or what it
 * was, when that is earlier. One that is given back (as `version` not) after it was asked to end is queued, for nothing, and pauses no more.
 */
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
    readonly tasksDone?: number
    readonly flowVersion?: string
    readonly fingerprint?: string
    /** 0 when a release is not the flow's fault (drain, lost worker connection). */
    readonly epochsWithoutProgress?: 0
    readonly undoTasks?: number
    readonly workerEventSeq?: number
  }
  /** Gives the slots of the run and its tasks back, but for its gate: that it keeps until it has ended. */
  readonly freeSlots?: boolean
}

/**
 * Ends a held run. Nobody holds it afterwards, and it waits for nothing: `engineId`, `reason` and `wakeAt` become null; `progress` never
 * falls. Counted in the statistics, and in its group of failures when it failed. A parent that waits and that nobody holds is to wake at once,
 * unless another run goes on in its place.
 */
export interface FinishRun extends Fence {
  readonly type: 'run.finish'
  readonly status: FinalRunStatus
  readonly finishedAt: number
  readonly progress: number
  readonly tasksDone?: number
  readonly result: string | null
  readonly error: SerializedError | null
  /** Gives the slots of the run and its tasks back, and closes its waits: see {@link CloseWait}. */
  readonly freeSlots?: boolean
  /** Clears the values of the run's tasks: they were needed for replay only. */
  readonly dropTaskValues?: boolean
  readonly workerEventSeq?: number
  /** What was expected of it when it started: counted with it. */
  readonly estimate?: RunEstimate
  /**
   * Stored with it. With a list, even an empty one, a failed run makes its flow failing, and one that succeeds ends that. An alert of kind
   * `recovered` is stored only when the flow was failing, with the end of the first run that failed, and their number.
   */
  readonly alerts?: readonly NewAlert[]
  /**
   * Stores the run that goes on in its place, as by {@link CreateRun}: with its input, and `copyTasks` of all that succeeded. When it was
   * stored, it is `nextRunId` of the run that ends. Left out when the run that ends was asked to end.
   */
  readonly next?: RunRecord
}

/**
 * Asks for the end of a run, whoever holds it. A run that nobody holds becomes `cancelled` at once (with `epoch + 1`,
 * `finishedAt = at`, and `reason` and `wakeAt` null);
 * unless tasks of it are to be undone (`undoTasks` above 0): then it is asked like a held one, and becomes `queued` and not paused, so that
 * it is claimed and undone;
 * a held one gets `cancelRequestedAt` and `cancelReason` (the first request wins). Refused as `finished` when it has ended. A run that ends
 * here is counted, gives its slots back, closes its waits and wakes its parent as in {@link FinishRun}. One that is only asked closes its
 * waits already: it has no use for a signal.
 */
export interface CancelRun {
  readonly type: 'run.cancel'
  readonly runId: string
  readonly at: number
  readonly reason: string | null
  /** Ends a held run too, at once: its holder is shut out by the new epoch. Its `progress` and `tasksDone` are then those of its tasks, when that is more. */
  readonly force?: boolean
}

/** Asks a run to pause: `pausedAt` is set when it is not. One that nobody holds becomes `waiting`, `paused`, and keeps its `wakeAt`. */
export interface PauseRun {
  readonly type: 'run.pause'
  readonly runId: string
  readonly at: number
}

/**
 * Ends a pause: `pausedAt` becomes null. A run that had paused, or was held for its version, and that nobody holds goes on: with a `wakeAt` it is `scheduled` (before its
 * first claim) or `waiting` again, without a reason; without one it is `queued`, for a `slot`.
 */
export interface ResumeRun {
  readonly type: 'run.resume'
  readonly runId: string
}

/**
 * Forgets an ended run with everything that belongs to it: tasks, log, slots, waits, the signals for it and those it took. Its children
 * stay. Refused as `open` when it has not ended.
 */
export interface RemoveRun {
  readonly type: 'run.remove'
  readonly runId: string
}
