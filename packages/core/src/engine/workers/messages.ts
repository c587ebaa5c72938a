/*
 * The messages of the worker protocol `perfect.worker.v1`, as far as this version speaks it. Messages of a worker are shown as the
 * parser gives them: checked, errors and results in the stored form. Messages of the engine are shown as they are sent.
 */
import type { SerializedError } from '../../errors/serialized-error.ts'
import type { FinalRunStatus, LogLine, RunTrigger } from '../../storage/records.ts'

/** Name of the protocol: the WebSocket sub-protocol, and `protocol` of the HTTP carrier. */
export const WORKER_PROTOCOL = 'perfect.worker.v1'

/** What a message may hold. Announced to workers in `welcome`; carriers refuse what is larger. */
export const WORKER_LIMITS = {
  /** Unit: bytes; 4 MiB. */
  maxMessageBytes: 4_194_304,
  /** Of one result of a task or a run. Unit: bytes; 1 MiB. */
  maxResultBytes: 1_048_576,
  /** Unit: bytes; 256 KiB. */
  maxLogBatchBytes: 262_144,
  maxLogLines: 1000,
  /** Log batches that may be without an acknowledgement. */
  maxLogInFlight: 8,
  /** Shortest time between two progress messages of one task. Unit: ms. */
  progressMs: 200,
} as const

/** Names a run as one worker holds it: with another epoch it is somebody else's. */
export interface RunKey {
  readonly runId: string
  /** Range: >= 1. */
  readonly epoch: number
}

/** A run that a worker says it holds. */
export interface HeldRun extends RunKey {
  /** Number of its newest event, stored or not. Range: >= 0. */
  readonly eventSeq: number
}

/** A flow as a worker announces it; checked when it is registered, each by itself. */
export type AnnouncedFlow = Readonly<Record<string, unknown>>

/** First message of a worker. */
export interface HelloMessage {
  readonly type: 'hello'
  /** A new one for each start of the worker's process. */
  readonly workerId: string
  readonly name: string
  /** Versions of the protocol that the worker knows. */
  readonly protocol: { readonly min: number; readonly max: number }
  /** For people: name and version of the SDK. */
  readonly sdk: string
  /** Runs that it takes at once. Range: >= 0. */
  readonly slots: number
  readonly labels: Readonly<Record<string, string>>
  readonly flows: readonly AnnouncedFlow[]
  readonly inFlight: readonly HeldRun[]
  readonly draining: boolean
}

/** A map that a call is an item of. */
export interface AnnouncedMap {
  /** The key of the call is `path[item]`. */
  readonly path: string
  /** Items, begun or not. Range: >= 1. */
  readonly count: number
}

/** An event of a run; numbered in the order of the list, from `firstSeq` on. */
export type WorkerEvent =
  | {
      readonly kind: 'step.started'
      readonly key: string
      readonly task: string
      readonly attempt: number
      /** What tells the arguments of the call apart; null when they cannot be told. */
      readonly argsHash: string | null
      /** null outside of maps, and from workers that do not tell. */
      readonly map: AnnouncedMap | null
      readonly weight: number | null
      readonly estimatedMs: number | null
      /** The task must not run twice: the worker waits until its start is stored. */
      readonly isDurable: boolean
    }
  | {
      readonly kind: 'step.retrying'
      readonly key: string
      readonly task: string
      readonly attempt: number
      readonly argsHash: string | null
      readonly map: AnnouncedMap | null
      readonly error: SerializedError
      readonly retryInMs: number
    }
  | {
      readonly kind: 'step.completed'
      readonly key: string
      readonly task: string
      readonly attempt: number
      readonly argsHash: string | null
      readonly map: AnnouncedMap | null
      readonly durationMs: number
      /** JSON text of the result; null when the task failed. */
      readonly value: string | null
      /** null when the task succeeded. */
      readonly error: SerializedError | null
    }
  | {
      readonly kind: 'run.completed'
      readonly status: FinalRunStatus
      /** JSON text; null when there is none. */
      readonly result: string | null
      readonly error: SerializedError | null
    }
  /** A kind that a later version knows. It has a number, and nothing else. */
  | { readonly kind: 'other' }

/** Why a worker does not take a run. */
export const REJECT_REASONS = ['no_capacity', 'unknown_flow', 'version_mismatch', 'draining', 'bad_params'] as const
/** Why a worker does not take a run. */
type RejectReason = (typeof REJECT_REASONS)[number]

/** A checked message of a worker. */
export type WorkerMessage =
  | HelloMessage
  | { readonly type: 'flows.update'; readonly id: string; readonly add: readonly AnnouncedFlow[] }
  | {
      readonly type: 'heartbeat'
      readonly n: number
      readonly runs: readonly RunKey[]
      /** null when it did not change. */
      readonly slots: number | null
    }
  | ({ readonly type: 'run.accept' } & RunKey)
  | ({ readonly type: 'run.reject'; readonly reason: RejectReason; readonly detail: string | null } & RunKey)
  | ({
      readonly type: 'run.release'
      readonly reason: string
      /** The run sleeps: it is not given out before. Unit: ms from now. null when it can go on at once. */
      readonly wakeInMs: number | null
    } & RunKey)
  | ({ readonly type: 'run.events'; readonly firstSeq: number; readonly events: readonly WorkerEvent[] } & RunKey)
  | ({ readonly type: 'log.batch'; readonly firstSeq: number; readonly lines: readonly LogLine[] } & RunKey)
  | ({
      readonly type: 'progress'
      readonly key: string | null
      readonly done: number
      readonly message: string | null
    } & RunKey)
  | ({
      readonly type: 'journal.get'
      readonly id: string
      readonly offset: number
      readonly limit: number
    } & RunKey)
  | { readonly type: 'drain' }
  | { readonly type: 'error'; readonly code: string; readonly title: string; readonly detail: string }
  /** A type that a later version knows. */
  | { readonly type: 'unknown'; readonly name: string }

/** An error as it is sent. */
export interface WireError {
  readonly type: string
  readonly message: string
  readonly retryable: boolean
  readonly stack?: string
  readonly code?: string
  readonly cause?: WireError
}

/** A recorded task, for the worker that goes on with the run. */
export interface JournalEntry {
  readonly key: string
  readonly task: string
  /** `started`: a task that must not run twice was started, and nothing is known of its end. */
  readonly status: 'succeeded' | 'failed' | 'started'
  readonly result?: unknown
  readonly error?: WireError
  readonly attempt: number
  readonly epoch: number
  /** As the worker told it; left out when the record may stand for other arguments. */
  readonly argsHash?: string
}

/** What became of an announced flow. */
export interface FlowVerdict {
  readonly name: string
  readonly version: string
  readonly status: 'accepted' | 'unchanged' | 'rejected'
  readonly problem?: { readonly code: string; readonly title: string; readonly detail: string }
}

/** The request to end a run. */
export interface CancelRequest {
  readonly cancelId: string
  readonly mode: 'graceful'
  /** Afterwards the engine ends the run without the worker. Unit: ms. */
  readonly graceMs: number
  readonly reason: string | null
}

/** What becomes of a run that a worker said it holds. */
export type RunVerdict = RunKey &
  (
    | {
        readonly verdict: 'continue'
        /** Everything after it is to be sent again. */
        readonly ackedSeq: number
        readonly ackedLogSeq: number
        readonly cancel?: CancelRequest
      }
    | { readonly verdict: 'revoked' }
  )

/** Why a worker does not hold a run any more. */
export type RevokeReason = 'stale_epoch' | 'unknown_run' | 'finished' | 'cancelled'

/** Code of an `error` message. */
type WorkerErrorCode = 'bad_message' | 'unknown_type' | 'journal_gap' | 'not_registered' | 'internal'

/** A message of the engine. */
export type EngineMessage =
  | {
      readonly type: 'welcome'
      readonly protocol: 1
      readonly engineId: string
      readonly serverTime: string
      readonly heartbeatMs: number
      readonly leaseMs: number
      readonly limits: typeof WORKER_LIMITS
      readonly capabilities: readonly string[]
      readonly flows: readonly FlowVerdict[]
      readonly runs: readonly RunVerdict[]
    }
  | { readonly type: 'flows.result'; readonly re: string; readonly flows: readonly FlowVerdict[] }
  | {
      readonly type: 'heartbeat.ack'
      readonly n: number
      readonly revoked: readonly RunKey[]
      readonly cancelled: readonly RunKey[]
    }
  | ({
      readonly type: 'run.assign'
      readonly flow: string
      readonly version: string
      readonly params: unknown
      readonly configuration: string
      readonly attempt: 1
      readonly leaseMs: number
      readonly trigger: RunTrigger
      readonly startedAt: string
      /** The same in every epoch of the run. */
      readonly seed: string
      readonly journal: readonly JournalEntry[]
      /** Entries there are; what `journal` lacks is asked for with `journal.get`. */
      readonly journalTotal: number
      readonly cancel?: CancelRequest
    } & RunKey)
  | ({
      readonly type: 'journal.page'
      readonly re: string
      readonly entries: readonly JournalEntry[]
      /** Offset of the next page; null on the last one. */
      readonly next: number | null
    } & RunKey)
  | ({ readonly type: 'run.ack'; readonly seq: number } & RunKey)
  | ({ readonly type: 'run.revoked'; readonly reason: RevokeReason } & RunKey)
  | ({ readonly type: 'run.cancel' } & RunKey & CancelRequest)
  /** Starts nothing new; gives the run back once what runs has ended. */
  | ({ readonly type: 'run.pause' } & RunKey)
  /** A pause has ended before the run was given back. */
  | ({ readonly type: 'run.resume' } & RunKey)
  | ({ readonly type: 'log.ack'; readonly seq: number } & RunKey)
  | { readonly type: 'drain.ack' }
  | {
      readonly type: 'goaway'
      readonly reason: string
      readonly reconnectAfterMs: number
      readonly deadlineMs: number
    }
  | ({
      readonly type: 'error'
      readonly re?: string
      readonly code: WorkerErrorCode
      readonly title: string
      readonly detail: string
      /** Whether the connection is closed now. */
      readonly fatal: boolean
      readonly expectedSeq?: number
    } & Partial<RunKey>)
