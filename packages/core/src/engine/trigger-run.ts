import { DEFAULT_CONFIGURATION } from '../definition/configuration.ts'
import type { FlowDefinition } from '../definition/flow.ts'
import { PerfectError } from '../errors/perfect-error.ts'
import type { PutAudit } from '../storage/audit-records.ts'
import type { Change, Receipt } from '../storage/changes.ts'
import type { RunRecord, RunTrigger } from '../storage/records.ts'
import type { Collapse } from '../storage/run-changes.ts'
import { toAuditRecord } from './audit/audit-log.ts'
import type { AuditEntry } from './audit/audit-view.ts'
import { checkTrigger } from './check-trigger.ts'
import type { EngineParts } from './engine-parts.ts'
import { followTransaction } from './host-transactions.ts'
import { newRunRecord, takenBy, toCollapse, type RunOrigin, type RunPlacing } from './new-run.ts'

/** How to trigger a flow. */
export interface TriggerOptions<In = unknown> extends RunPlacing {
  /** Name of a configuration. Default: `"development"`. */
  readonly configuration?: string
  readonly input?: In
  /** A flow has at most one run per key: triggering again gives the run that exists. At most 200 characters. */
  readonly idempotencyKey?: string
  /** What starts the run. Default: `{ kind: 'code', by: null }`. */
  readonly trigger?: RunTrigger
  /**
   * Your own connection to the file of the SQLite storage, with a transaction open: the run is stored with it, so that it starts when the
   * transaction commits, and never when it is rolled back. A `DatabaseSync` of `node:sqlite`, or a `Database` of `better-sqlite3`.
   */
  readonly tx?: unknown
  /**
   * Written to the audit log as done, in the transaction that stores the run, with its id as the target and its flow. Only for a run that is new
   * whatever happens: without `tx`, `idempotencyKey`, `dedupe` and `debounce`.
   */
  readonly audit?: AuditEntry
}

const MAX_KEY_CHARS = 200

/** @throws {PerfectError} REQUEST_INVALID */
function checkIdempotencyKey(key: string | undefined): string | null {
  if (key === undefined) return null
  if (typeof key === 'string' && key !== '' && key.length <= MAX_KEY_CHARS) return key
  throw new PerfectError(
    'REQUEST_INVALID',
    `"idempotencyKey" must be text of 1 to ${String(MAX_KEY_CHARS)} characters. Leave it out, or give a shorter one, for example a hash.`,
    { details: { field: 'idempotencyKey' } },
  )
}

/** Stores a new run; with a free slot and nobody waiting it is claimed in the same commit. */
export async function triggerRun(
  parts: EngineParts,
  definition: FlowDefinition,
  options: TriggerOptions,
  origin: RunOrigin = {},
): Promise<RunRecord> {
  const { configuration = DEFAULT_CONFIGURATION, trigger = BY_CODE } = options
  const idempotencyKey = checkIdempotencyKey(options.idempotencyKey)
  const { value, text: input } = await checkTrigger(parts, definition, { configuration, input: options.input })
  const id = parts.ids.next('run')
  const facts = {
    ...options,
    id,
    definition,
    configuration,
    trigger,
    idempotencyKey,
    now: parts.clock.now(),
    value,
    origin,
  }
  const queued = newRunRecord(facts)
  // What past runs tell is there when the run begins, without it having to wait.
  parts.models.peek(queued)
  const collapse = toCollapse(options)
  // Limits are looked at by the claim; and a run that has tasks already is driven like one that goes on.
  const isFree =
    options.tx === undefined &&
    definition.limits === null &&
    queued.status === 'queued' &&
    !origin.copyTasks &&
    !collapse
  const isTaken = definition.run !== null && isFree && parts.dispatcher.reserve(id)
  const run = isTaken ? takenBy(queued, parts.id) : queued
  const asked = { configuration, input, idempotencyKey, collapse, audit: auditOf(parts, options, run) }
  if (options.tx !== undefined) return triggerInTransaction(parts, definition, run, asked, options.tx)
  const existing = await storeRun(parts, run, asked, origin)
  if (existing) return existing
  announceRun(parts, run)
  if (isTaken) parts.dispatcher.driveReserved(run, definition, input)
  else wakeFor(parts, definition, run)
  return run
}

/** Stores a new run in a transaction of the host, and looks for it until that is over. */
async function triggerInTransaction(
  parts: EngineParts,
  definition: FlowDefinition,
  run: RunRecord,
  asked: Asked,
  handle: unknown,
): Promise<RunRecord> {
  if (!parts.storage.join)
    throw new PerfectError(
      'TRANSACTION_INVALID',
      `"tx" is given, and storage "${parts.storage.name}" has no connection that could have one open. Use sqliteStorage() with a file, or leave it out.`,
      { details: { field: 'tx', storage: parts.storage.name } },
    )
  const transaction = await parts.storage.join(handle)
  const { input, collapse } = asked
  const receipt = transaction.create({ type: 'run.create', run, input, ...(collapse && { collapse }) })
  if (!receipt.accepted || receipt.run?.id !== run.id)
    return receipt.accepted && receipt.run
      ? receipt.run
      : existingRun(receipt, asked, (id) => Promise.resolve([transaction.run(id), transaction.input(id)]))
  followTransaction(parts, run.id, transaction, (stored) => {
    announceRun(parts, stored)
    wakeFor(parts, definition, stored)
  })
  return run
}

function wakeFor({ workers, dispatcher }: EngineParts, definition: FlowDefinition, run: RunRecord): void {
  if (run.wakeAt !== null) dispatcher.wakeAt(run.wakeAt)
  else if (definition.run === null) workers.wake()
  else dispatcher.wake()
}

/** Tells of the next attempt of a run that failed, which is stored. */
export function announceAttempt(parts: EngineParts, run: RunRecord): void {
  announceRun(parts, run)
  const definition = parts.registry.forRun(run)
  if (definition) wakeFor(parts, definition, run)
}

/**
 * A run that waits in the queue, and is not stored yet.
 *
 * @throws {PerfectError} CONFIGURATION_INVALID, INPUT_INVALID, VALUE_UNSERIALIZABLE
 */
export async function newRun(
  parts: EngineParts,
  definition: FlowDefinition,
  options: TriggerOptions,
): Promise<{ readonly run: RunRecord; readonly input: string | null }> {
  const { configuration = DEFAULT_CONFIGURATION, trigger = BY_CODE, idempotencyKey = null } = options
  const { value, text: input } = await checkTrigger(parts, definition, { configuration, input: options.input })
  const facts = { ...options, definition, configuration, trigger, idempotencyKey, value, origin: {} }
  return { run: newRunRecord({ ...facts, id: parts.ids.next('run'), now: parts.clock.now() }), input }
}

/** Stores a new run; gives the one that already has its idempotency key, when there is one. */
async function storeRun(
  parts: EngineParts,
  run: RunRecord,
  asked: Asked,
  { copyTasks }: RunOrigin,
): Promise<RunRecord | undefined> {
  let isStored = false
  try {
    const change = {
      type: 'run.create',
      run,
      input: asked.input,
      ...(copyTasks && { copyTasks }),
      ...(asked.collapse && { collapse: asked.collapse }),
    } as const
    const changes = asked.audit ? [change, asked.audit] : [change]
    const [receipt] = await parts.commit.append(changes, 'impatient')
    const readRun = (id: string): Promise<readonly [RunRecord, string | null]> =>
      Promise.all([parts.queries.record(id), parts.storage.runs.input(id)])
    // A debounced run that waited already has got the input.
    const other = receipt?.accepted === true && receipt.run?.id !== run.id ? receipt.run : undefined
    isStored = receipt?.accepted === true && other === undefined
    if (other) parts.active.tellChanged(other)
    return isStored ? undefined : (other ?? (await existingRun(receipt, asked, readRun)))
  } catch (error) {
    if (PerfectError.is(error, 'STORAGE_UNAVAILABLE')) disown(parts, run)
    throw error
  } finally {
    if (run.engineId !== null && !isStored) parts.dispatcher.unreserve(run.id)
  }
}

/**
 * The answer to a trigger was lost, and its caller is told that it failed: if the run is stored all the same it is cancelled,
 * so that a second try is not a second run. With an idempotency key, dedupe or debounce the second try, and everybody else's, gives this
 * very run, which then may have been promised to somebody: it is only given back.
 */
export function disown({ commit, clock, report }: EngineParts, run: RunRecord): void {
  const isShared = run.idempotencyKey !== null || run.dedupeKey !== null
  const change = isShared ? giveBackUnknown(run) : cancelUnknown(run, clock.now())
  if (change === null) return
  commit.append([change], 'patient').catch((error: unknown) => report(error, `giving run ${run.id} up`))
}

function cancelUnknown({ id: runId, epoch, engineId }: RunRecord, at: number): Change {
  if (engineId === null) return { type: 'run.cancel', runId, at, reason: 'the answer to its trigger was lost' }
  const end = { status: 'cancelled', finishedAt: at, progress: 0, result: null, error: null } as const
  return { type: 'run.finish', runId, epoch, engineId, ...end }
}

/** null: nobody holds it. */
function giveBackUnknown({ id: runId, epoch, engineId }: RunRecord): Change | null {
  if (engineId === null) return null
  const patch = { status: 'queued', reason: 'slot', engineId: null, epochsWithoutProgress: 0 } as const
  return { type: 'run.update', runId, epoch, engineId, patch }
}

interface Asked {
  readonly configuration: string
  readonly input: string | null
  readonly idempotencyKey: string | null
  readonly collapse: Collapse | undefined
  readonly audit: PutAudit | null
}

function auditOf(parts: EngineParts, { audit }: TriggerOptions, { id, flowId }: RunRecord): PutAudit | null {
  if (audit === undefined) return null
  const record = toAuditRecord(parts, audit)
  return { type: 'audit.put', entries: [{ ...record, target: id, flowId, outcome: 'done', endedAt: record.at }] }
}

const BY_CODE: RunTrigger = { kind: 'code', by: null }

/** Tells of a run that was created. */
export function announceRun({ bus, active, observed }: EngineParts, run: RunRecord): void {
  observed.runs.triggered(run)
  bus.publish('run.triggered', active.viewLater(run))
  active.tellChanged(run)
}

/** The run that already has the idempotency key, when it was triggered in the same way. */
async function existingRun(
  receipt: Receipt | undefined,
  asked: Asked,
  read: (runId: string) => Promise<readonly [RunRecord | undefined, string | null]>,
): Promise<RunRecord> {
  if (receipt?.accepted === false && receipt.refusal === 'finished')
    throw new PerfectError('RUN_FINISHED', 'The run that starts this one has ended. Nothing was started.')
  const runId = receipt && !receipt.accepted ? receipt.runId : undefined
  const [run, input] = runId === undefined ? [] : await read(runId)
  if (run === undefined) throw new PerfectError('INTERNAL', 'The storage refused a new run without a reason.')
  if (asked.collapse?.kind === 'dedupe' && run.idempotencyKey !== asked.idempotencyKey) return run
  if (asked.collapse?.kind === 'dedupe' && asked.idempotencyKey === null) return run
  if (run.configuration === asked.configuration && (input ?? null) === asked.input) return run
  throw new PerfectError(
    'IDEMPOTENCY_MISMATCH',
    `The idempotency key ${JSON.stringify(asked.idempotencyKey)} belongs to run ${run.id}, which has another input or configuration. Use another key.`,
    { details: { idempotencyKey: asked.idempotencyKey, runId: run.id } },
  )
}
