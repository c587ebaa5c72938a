/* What a worker needs to take a run on: its input, and what earlier epochs have recorded. */
import type { RunJournal } from '../../journal/run-journal.ts'
import { nodeCrypto } from '../../primitives/node-crypto.ts'
import type { TaskRecord } from '../../storage/records.ts'
import { WORKER_LIMITS, type CancelRequest, type EngineMessage, type JournalEntry } from './messages.ts'
import { toWireError } from './parse-event.ts'
import type { WorkerClaim } from './worker-host.ts'

/** Entries that fit into one message. */
export interface JournalPart {
  readonly entries: readonly JournalEntry[]
  /** Offset of the next part; null when there is none. */
  readonly next: number | null
  /** Number of all entries. */
  readonly total: number
}

/** The message that gives a run to a worker. */
export function toAssignment(
  { journal, input }: WorkerClaim,
  leaseMs: number,
  cancel: CancelRequest | null,
): EngineMessage {
  const { run, definition } = journal
  const part = journalPart(journal, 0, Infinity)
  return {
    type: 'run.assign',
    runId: run.id,
    epoch: run.epoch,
    flow: definition.name,
    version: definition.version,
    params: toParams(input),
    configuration: run.configuration,
    attempt: 1,
    leaseMs,
    trigger: run.trigger,
    startedAt: new Date(run.startedAt ?? run.createdAt).toISOString(),
    seed: nodeCrypto().createHash('sha256').update(run.id).digest('hex').slice(0, 32),
    journal: part.entries,
    journalTotal: part.total,
    ...(cancel && { cancel }),
  }
}

/**
 * What earlier epochs have recorded, from an offset on, as much as fits. While the run goes on the list does not change,
 * except that tasks without an end, which come last, leave it when they are started again.
 */
export function journalPart(journal: RunJournal, offset: number, limit: number): JournalPart {
  const records = [...journal.records.values()]
    .filter(({ epoch, status }) => epoch < journal.run.epoch && isEntry(status))
    .toSorted((a, b) => (a.position ?? Infinity) - (b.position ?? Infinity) || (a.key < b.key ? -1 : 1))
  const entries: JournalEntry[] = []
  let chars = 0
  for (const record of records.slice(offset)) {
    const entry = toEntry(record)
    // At least one, so that each part gets further.
    chars += (record.value?.length ?? 0) + (entry.error ? JSON.stringify(entry.error).length : 0) + record.key.length
    if (entries.length >= limit || (entries.length > 0 && chars > MAX_PART_CHARS)) break
    entries.push(entry)
  }
  const next = offset + entries.length
  return { entries, next: next < records.length ? next : null, total: records.length }
}

// Long messages hold up what comes after them, heartbeats among it.
const MAX_PART_CHARS = WORKER_LIMITS.maxLogBatchBytes

// A task that waits for its next attempt has failed before: it may run again.
function isEntry(status: TaskRecord['status']): boolean {
  return status === 'succeeded' || status === 'failed' || status === 'running'
}

function toEntry(record: TaskRecord): JournalEntry {
  const { key, name: task, status, value, error, attempt, epoch, args } = record
  // A copied record is of another run, whose input may have been another one.
  const place = { attempt, epoch, ...(args !== null && record.origin === 'run' && { argsHash: args }) }
  if (status === 'running') return { key, task, status: 'started', ...place }
  if (status === 'succeeded')
    return { key, task, status: 'succeeded', result: value === null ? null : JSON.parse(value), ...place }
  return { key, task, status: 'failed', ...(error && { error: toWireError(error) }), ...place }
}

// Workers call the flow with keyword arguments; no input means none.
function toParams(input: string | null): unknown {
  return (input === null ? null : (JSON.parse(input) as unknown)) ?? {}
}
