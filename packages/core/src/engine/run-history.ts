/* What a run has done, call by call: its journal, its times, its signals. */
import type { RunRecord, SignalRecord, TaskRecord } from '../storage/records.ts'
import type { EngineParts } from './engine-parts.ts'
import type {
  JournalEntryView,
  PendingSignalView,
  RunSignalsView,
  SentSignalView,
  TimelineEntryView,
} from './run-history-views.ts'

/** The records of a run, in the order of their first write. @throws {PerfectError} RUN_NOT_FOUND */
export async function runJournal(parts: EngineParts, runId: string): Promise<readonly JournalEntryView[]> {
  const { records } = await recordsOf(parts, runId)
  return records.toSorted((left, right) => left.seq - right.seq).map(toEntry)
}

/** When a run did what, by the time of its start. @throws {PerfectError} RUN_NOT_FOUND */
export async function runTimeline(parts: EngineParts, runId: string): Promise<readonly TimelineEntryView[]> {
  const { run, records } = await recordsOf(parts, runId)
  return timelineOf(run, records)
}

/** @throws {PerfectError} RUN_NOT_FOUND */
export async function runSignals(parts: EngineParts, runId: string): Promise<RunSignalsView> {
  const { run, records } = await recordsOf(parts, runId)
  const sent = await parts.storage.signals.list(runId)
  // An ended run waits for nothing, even when it was ended in the middle of a wait.
  return { pending: run.finishedAt === null ? records.flatMap(toPending) : [], sent: sent.map(toSent) }
}

/** The times of a run and of its calls. */
export function timelineOf(run: RunRecord, records: readonly TaskRecord[]): readonly TimelineEntryView[] {
  const own = { key: null, name: run.flowId, scopes: [] }
  const queueTo = run.startedAt ?? run.finishedAt
  const queue = { ...own, kind: 'queue', status: run.startedAt === null ? run.status : 'succeeded' } as const
  const whole = { ...own, kind: 'run', status: run.status } as const
  return [
    { ...queue, ...spanOf(run.createdAt, queueTo) },
    ...(run.startedAt === null ? [] : [{ ...whole, ...spanOf(run.startedAt, run.finishedAt) }]),
    ...records
      .toSorted((left, right) => left.startedAt - right.startedAt || left.seq - right.seq)
      .map(({ kind, key, name, status, startedAt, finishedAt }) => ({
        kind,
        key,
        name,
        status,
        scopes: key.split('/').slice(0, -1),
        ...spanOf(startedAt, finishedAt),
      })),
  ]
}

async function recordsOf(
  { queries, active, storage }: EngineParts,
  runId: string,
): Promise<{ readonly run: RunRecord; readonly records: readonly TaskRecord[] }> {
  const stored = await queries.record(runId)
  const journal = active.journal(runId)
  const records = journal ? [...journal.records.values()] : await storage.tasks.list(runId)
  return { run: journal?.run ?? stored, records }
}

function toEntry(record: TaskRecord): JournalEntryView {
  return {
    seq: record.seq,
    key: record.key,
    name: record.name,
    kind: record.kind,
    status: record.status,
    origin: record.origin,
    attempt: record.attempt,
    epoch: record.epoch,
    position: record.position,
    args: record.args,
    childRunId: record.childRunId,
    startedAt: toText(record.startedAt),
    finishedAt: toText(record.finishedAt),
    wakeAt: toText(record.wakeAt),
    value: toJson(record.value),
    error: record.error,
  }
}

function toPending({ kind, status, name, key, startedAt, wakeAt }: TaskRecord): readonly PendingSignalView[] {
  if (status !== 'waiting' || (kind !== 'signal' && kind !== 'approval')) return []
  return [{ kind, name, key, since: toText(startedAt), until: toText(wakeAt) }]
}

function toSent({ id, name, sentAt, by, value, takenBy }: SignalRecord): SentSignalView {
  return { id, name, sentAt: toText(sentAt), by, payload: toJson(value), takenBy: takenBy?.key ?? null }
}

function spanOf(from: number, to: number | null): Pick<TimelineEntryView, 'from' | 'to' | 'durationMs'> {
  // A clock that was set back must not give a negative time.
  return { from: toText(from), to: toText(to), durationMs: to === null ? null : Math.max(0, to - from) }
}

function toJson(text: string | null): unknown {
  return text === null ? null : JSON.parse(text)
}

function toText(instant: number): string
function toText(instant: number | null): string | null
function toText(instant: number | null): string | null {
  return instant === null ? null : new Date(instant).toISOString()
}
