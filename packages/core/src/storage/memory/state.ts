import type { AlertRecord } from '../alert-records.ts'
import type { AuditRecord } from '../audit-records.ts'
import type {
  EngineRecord,
  EstimateModelRecord,
  FailureGroupRecord,
  FinalRunStatus,
  FlowRecord,
  FlowVersionRecord,
  LogRecord,
  RunRecord,
  RunStatsRecord,
  ScheduleRecord,
  SignalRecord,
  TaskRecord,
} from '../records.ts'
import type { SeenMark } from '../seen-records.ts'
import type { SavedViewRecord } from '../view-records.ts'
import type { Groups } from './transaction.ts'

/** A run with what belongs to it alone. */
export interface StoredRun {
  readonly record: RunRecord
  readonly input: string | null
  readonly result: string | null
  readonly tasks: Map<string, TaskRecord>
  readonly logs: LogRecord[]
}

/** A place of a limit that a run (task '') or one of its tasks holds. */
export interface Slot {
  readonly id: string
  readonly key: string
  readonly runId: string
  readonly task: string
}

/** A signal and its place among all signals. */
export interface StoredSignal {
  readonly order: number
  readonly signal: SignalRecord
}

/** A task that waits for a signal, and its place among all waits. */
export interface Wait {
  readonly id: string
  readonly order: number
  readonly runId: string
  readonly task: string
  /** The addresses under which signals reach it: see `signals.ts`. */
  readonly addresses: readonly string[]
}

/** Everything a memory storage holds. */
export interface MemoryState {
  readonly runs: Map<string, StoredRun>
  /** The runs that have not ended, so that looking for work does not visit the others. */
  readonly openRuns: Map<string, StoredRun>
  /** Run id by flow and idempotency key. */
  readonly runKeys: Map<string, string>
  /** Ids of the children of a run. */
  readonly children: Groups<true>
  /** Slots by limit, and the same ones by run. */
  readonly slots: Groups<Slot>
  readonly slotsOfRun: Groups<Slot>
  /** Times at which slots of a rate were taken, the oldest first. */
  readonly starts: Map<string, readonly number[]>
  readonly signals: Map<string, StoredSignal>
  /** Ids of the signals for a run, or taken by it. */
  readonly signalsOfRun: Groups<true>
  /** Signals that nobody has taken, by address. */
  readonly pending: Groups<StoredSignal>
  /** Open waits by run, and the same ones by address. */
  readonly waitsOfRun: Groups<Wait>
  readonly waits: Groups<Wait>
  readonly cache: Map<string, { readonly value: string; readonly expiresAt: number }>
  readonly stats: Map<string, RunStatsRecord>
  /** Number of all runs that ever ended, by status. */
  readonly endedRuns: Map<FinalRunStatus, number>
  readonly alerts: Map<string, AlertRecord>
  readonly audit: Map<string, AuditRecord>
  readonly views: Map<string, SavedViewRecord>
  /** By user and topic. */
  readonly seen: Map<string, SeenMark>
  /** Since when flows are failing, and in how many runs. */
  readonly failingFlows: Map<string, { readonly since: number; readonly runs: number }>
  /** By fingerprint and flow. */
  readonly failures: Map<string, FailureGroupRecord>
  readonly schedules: Map<string, ScheduleRecord>
  readonly flows: Map<string, FlowRecord>
  readonly flowVersions: Map<string, FlowVersionRecord>
  readonly engines: Map<string, EngineRecord>
  readonly estimates: Map<string, EstimateModelRecord>
  /** The last place that was given to a signal or a wait. It is never taken back: gaps do no harm. */
  readonly order: { last: number }
}

/** A state without any record. */
export function emptyState(): MemoryState {
  return {
    runs: new Map(),
    openRuns: new Map(),
    runKeys: new Map(),
    children: new Map(),
    slots: new Map(),
    slotsOfRun: new Map(),
    starts: new Map(),
    signals: new Map(),
    signalsOfRun: new Map(),
    pending: new Map(),
    waitsOfRun: new Map(),
    waits: new Map(),
    cache: new Map(),
    stats: new Map(),
    endedRuns: new Map(),
    failures: new Map(),
    alerts: new Map(),
    audit: new Map(),
    views: new Map(),
    seen: new Map(),
    failingFlows: new Map(),
    schedules: new Map(),
    flows: new Map(),
    flowVersions: new Map(),
    engines: new Map(),
    estimates: new Map(),
    order: { last: 0 },
  }
}
