/*
 * What the two sides of the worker thread say to each other. Both ways it is one JSON text per request: measured, it costs less than the
 * structured clone of the same objects, and it is one string to copy between the threads.
 */
import type { ErrorCode } from '../../errors/codes.ts'
import type { ErrorDetails } from '../../errors/perfect-error.ts'
import type { SerializedError } from '../../errors/serialized-error.ts'
import type { AlertQuery, AlertReads } from '../alert-reads.ts'
import type { AlertRecord } from '../alert-records.ts'
import type { AuditQuery, AuditRecord } from '../audit-records.ts'
import type { FailureQuery, FailureReads, StatReads } from '../figure-reads.ts'
import type {
  EngineRecord,
  EstimateModelRecord,
  FailureGroupRecord,
  FlowRecord,
  FlowVersionRecord,
  LogRecord,
  RunRecord,
  RunStatsRecord,
  RunStatus,
  ScheduleRecord,
  SignalRecord,
  TaskRecord,
} from '../records.ts'
import type { Limit } from '../run-changes.ts'
import type { NewsQuery, SeenMark } from '../seen-records.ts'
import type {
  EstimateReads,
  LimitRoom,
  LineReads,
  LogQuery,
  RunQuery,
  RunReads,
  SignalReads,
  TaskReads,
} from '../storage.ts'
import type { SavedViewRecord, ViewQuery } from '../view-records.ts'
import type { ShortReceipts } from './commit.ts'
import type { PackedChange } from './packed-changes.ts'

/** What can be asked: arguments and answer of each operation. */
export interface Operations {
  open: [args: null, answer: null]
  commit: [args: readonly PackedChange[], answer: ShortReceipts]
  'runs.get': [args: string, answer: RunRecord | null]
  'runs.list': [args: RunQuery, answer: readonly RunRecord[]]
  'runs.claimable': [args: Parameters<RunReads['claimable']>[0], answer: readonly RunRecord[]]
  'runs.nextWakeAt': [args: null, answer: number | null]
  'runs.requested': [args: string, answer: readonly RunRecord[]]
  'runs.input': [args: string, answer: string | null]
  'runs.result': [args: string, answer: string | null]
  'stats.counts': [args: null, answer: Partial<Record<RunStatus, number>>]
  'stats.runs': [args: Parameters<StatReads['runs']>[0], answer: readonly RunStatsRecord[]]
  'stats.expired': [args: Parameters<StatReads['expired']>[0], answer: readonly string[]]
  'stats.flowIds': [args: null, answer: readonly string[]]
  'failures.list': [args: FailureQuery, answer: readonly FailureGroupRecord[]]
  'failures.flows': [args: string, answer: Awaited<ReturnType<FailureReads['flows']>>]
  'alerts.get': [args: string, answer: AlertRecord | null]
  'alerts.list': [args: AlertQuery, answer: readonly AlertRecord[]]
  'alerts.due': [args: Parameters<AlertReads['due']>[0], answer: readonly AlertRecord[]]
  'alerts.nextAt': [args: readonly string[], answer: number | null]
  'audit.list': [args: AuditQuery, answer: readonly AuditRecord[]]
  'views.get': [args: string, answer: SavedViewRecord | null]
  'views.list': [args: ViewQuery, answer: readonly SavedViewRecord[]]
  'seen.marks': [args: string, answer: readonly SeenMark[]]
  'seen.count': [args: NewsQuery, answer: number]
  'tasks.list': [args: string, answer: readonly TaskRecord[]]
  'tasks.progress': [args: readonly string[], answer: Awaited<ReturnType<TaskReads['progress']>>]
  'tasks.cached': [args: string, answer: { readonly value: string; readonly expiresAt: number } | null]
  'line.room': [args: readonly Limit[], answer: readonly LimitRoom[]]
  'line.ahead': [args: Parameters<LineReads['ahead']>[0], answer: number]
  'signals.taker': [args: Parameters<SignalReads['taker']>[0], answer: SignalRecord['takenBy']]
  'signals.list': [args: string, answer: readonly SignalRecord[]]
  'schedules.list': [args: null, answer: readonly ScheduleRecord[]]
  'logs.list': [args: LogQuery, answer: readonly LogRecord[]]
  'logs.count': [args: string, answer: number]
  'flows.list': [args: null, answer: readonly FlowRecord[]]
  'flows.versions': [args: string, answer: readonly FlowVersionRecord[]]
  'estimates.get': [args: Parameters<EstimateReads['get']>[0], answer: EstimateModelRecord | null]
  'engines.list': [args: null, answer: readonly EngineRecord[]]
  close: [args: null, answer: null]
}

/** Name of an operation. */
export type Operation = keyof Operations
/** What an operation needs to know. */
export type Args<O extends Operation> = Operations[O][0]
/** What an operation gives. */
export type Answer<O extends Operation> = Operations[O][1]

/** A request; answers come in the order of the requests. */
export type Request = readonly [operation: Operation, args: unknown, now: number]
/** An answer. */
export type Reply = readonly [status: 'done', answer: unknown] | readonly [status: 'failed', error: SentError]

/** An error on its way between the threads. */
export interface SentError {
  readonly code: ErrorCode
  readonly message: string
  readonly details: ErrorDetails
  readonly cause: SerializedError | null
}
