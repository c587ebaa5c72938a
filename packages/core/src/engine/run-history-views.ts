import type { SerializedError } from '../errors/serialized-error.ts'
import type { TaskKind, TaskStatus } from '../storage/records.ts'
import type { TaskView } from './views.ts'

/** A record of the journal of a run: what a replay is answered with. */
export interface JournalEntryView {
  /** Order of its first write. Range: >= 1. */
  readonly seq: number
  readonly key: string
  readonly name: string
  readonly kind: TaskKind
  readonly status: TaskStatus
  readonly origin: TaskView['origin']
  readonly attempt: number
  /** Claim that wrote it; 0 when it was copied. Range: >= 0. */
  readonly epoch: number
  /** Order in which results were handed to the flow; null until it is final. Range: >= 1. */
  readonly position: number | null
  /** Fingerprint of the arguments; null when they cannot be told. */
  readonly args: string | null
  readonly childRunId: string | null
  readonly startedAt: string
  readonly finishedAt: string | null
  readonly wakeAt: string | null
  /** Result as JSON; structured values carry a `$type`. null when there is none, or it was dropped at the end of the run. */
  readonly value: unknown
  /** The error with its causes, as it is stored. */
  readonly error: SerializedError | null
}

/** A piece of the time of a run. */
export interface TimelineEntryView {
  /** `queue`: from its creation to its first start; `run`: from there to its end; other kinds: a call of the flow. */
  readonly kind: 'queue' | 'run' | TaskKind
  /** Key of the call; null for the run itself. */
  readonly key: string | null
  readonly name: string
  readonly status: string
  /** Scopes around the call, the outermost first: `["pages#1[a]"]`. */
  readonly scopes: readonly string[]
  readonly from: string
  /** null while it goes on. */
  readonly to: string | null
  /** Unit: ms. null while it goes on. Range: >= 0. */
  readonly durationMs: number | null
}

/** A signal or an approval that a run waits for. */
export interface PendingSignalView {
  readonly kind: 'signal' | 'approval'
  readonly name: string
  /** Key of the call that waits. */
  readonly key: string
  readonly since: string
  /** When the run goes on without it; null: never. */
  readonly until: string | null
}

/** A signal that was sent to a run, or taken by it. */
export interface SentSignalView {
  readonly id: string
  readonly name: string
  readonly sentAt: string
  readonly by: string | null
  /** Payload as JSON. */
  readonly payload: unknown
  /** Key of the call that took it; null as long as none has. */
  readonly takenBy: string | null
}

/** The signals of a run. */
export interface RunSignalsView {
  readonly pending: readonly PendingSignalView[]
  /** In the order they were sent. */
  readonly sent: readonly SentSignalView[]
}
