/* The record of a new run: who may run it when is decided here, once. */
import type { FlowDefinition } from '../definition/flow.ts'
import { PerfectError } from '../errors/perfect-error.ts'
import { toMs, type Duration } from '../primitives/duration.ts'
import type { AttributeValue, RunRecord, RunTrigger } from '../storage/records.ts'
import type { Collapse, CreateRun } from '../storage/run-changes.ts'

/** When a run starts, before which others, and what it is found by. */
export interface RunPlacing {
  /** Larger goes first; each step is worth a minute of waiting, so that waiting long beats any priority. Range: -10..10. Default: what the flow says, else 0. */
  readonly priority?: number
  /** Starts so much later. */
  readonly delay?: Duration
  /** Starts at this time. */
  readonly startAt?: Date
  /** Waits for `delay`; triggering again with the same key meanwhile gives the waiting run the new input and lets it wait anew. */
  readonly debounce?: {
    readonly key: string
    readonly delay: Duration
    /** How long a run can be put off in all. Default: ten times the delay. */
    readonly maxWait?: Duration
  }
  /** Gives the run that is already queued, waits or runs with the same key, instead of a new one. */
  readonly dedupe?: { readonly key: string }
  /** Words to find the run by, beside those of the flow. */
  readonly tags?: readonly string[]
  /** Facts to find the run by. */
  readonly attributes?: Readonly<Record<string, AttributeValue>>
}

/** Where a new run comes from, when not only from its trigger. */
export interface RunOrigin {
  readonly retryOf?: string
  readonly copyTasks?: CreateRun['copyTasks']
  readonly parentRunId?: string
  readonly parentKey?: string
}

/** What a new run is made of. */
export interface NewRun extends RunPlacing {
  readonly id: string
  readonly definition: FlowDefinition
  readonly configuration: string
  readonly trigger: RunTrigger
  readonly idempotencyKey: string | null
  readonly now: number
  /** The checked input. */
  readonly value: unknown
  readonly origin: RunOrigin
}

// One step of priority is worth as much as waiting for so long.
const PRIORITY_STEP_MS = 60_000
const MAX_PRIORITY = 10
const MAX_WORDS = 50
const MAX_CHARS = 200
const MAX_WAIT_FACTOR = 10

/** A run that waits in the queue, or for its time. @throws {PerfectError} REQUEST_INVALID, DURATION_INVALID */
export function newRunRecord(facts: NewRun): RunRecord {
  const { definition, now, origin, value } = facts
  const startAt = toStart(facts)
  const priority = checkPriority(facts.priority ?? definition.priorityOf(value))
  return {
    id: facts.id,
    flowId: definition.id,
    flowVersion: definition.version,
    configuration: facts.configuration,
    trigger: facts.trigger,
    tags: tagsOf(definition.tags, facts.tags),
    attributes: facts.attributes === undefined ? NO_ATTRIBUTES : checkAttributes(facts.attributes),
    priority,
    queueAt: (startAt ?? now) - priority * PRIORITY_STEP_MS,
    limitKey: definition.limits?.perKey?.keyOf(value) ?? null,
    gate: null,
    dedupeKey: toDedupeKey(facts),
    parentRunId: origin.parentRunId ?? null,
    parentKey: origin.parentKey ?? null,
    retryOf: origin.retryOf ?? null,
    attempt: 1,
    nextRunId: null,
    scheduleId: null,
    fingerprint: definition.fingerprint,
    status: startAt === null ? 'queued' : 'scheduled',
    reason: startAt === null ? (definition.run === null ? 'worker' : 'slot') : null,
    createdAt: now,
    startedAt: null,
    finishedAt: null,
    wakeAt: startAt,
    epoch: 0,
    engineId: null,
    workerId: null,
    progress: 0,
    tasksDone: 0,
    undoTasks: 0,
    epochsWithoutProgress: 0,
    pausedAt: null,
    cancelRequestedAt: null,
    cancelReason: null,
    idempotencyKey: facts.idempotencyKey,
    error: null,
    workerEventSeq: 0,
    workerLogSeq: 0,
  }
}

/** The same run, taken by an engine while it is stored. */
export function takenBy(run: RunRecord, engineId: string): RunRecord {
  const { createdAt: startedAt } = run
  return { ...run, status: 'running', reason: null, startedAt, epoch: 1, engineId, epochsWithoutProgress: 1 }
}

/** What the storage does when the same work is known already. */
export function toCollapse({ dedupe, debounce }: RunPlacing): Collapse | undefined {
  if (dedupe !== undefined) return { kind: 'dedupe' }
  if (debounce === undefined) return undefined
  const delayMs = toMs(debounce.delay, 'debounce.delay')
  const maxWaitMs =
    debounce.maxWait === undefined ? delayMs * MAX_WAIT_FACTOR : toMs(debounce.maxWait, 'debounce.maxWait')
  return { kind: 'debounce', maxWaitMs }
}

function toStart({ delay, startAt, debounce, now }: NewRun): number | null {
  const given = Object.entries({ delay, startAt, debounce }).filter(([, value]) => value !== undefined)
  if (given.length > 1)
    throw invalid(given.map(([field]) => field).join(' and '), 'both', 'one of delay, startAt and debounce')
  if (delay !== undefined) return now + toMs(delay, 'delay')
  if (debounce !== undefined) return now + toMs(debounce.delay, 'debounce.delay')
  if (startAt === undefined) return null
  const at = startAt instanceof Date ? startAt.getTime() : Number.NaN
  if (Number.isNaN(at)) throw invalid('startAt', startAt, 'a valid Date')
  return at <= now ? null : at
}

function toDedupeKey({ dedupe, debounce }: RunPlacing): string | null {
  if (dedupe !== undefined && debounce !== undefined)
    throw invalid('dedupe and debounce', 'both', 'one of dedupe and debounce')
  if (dedupe !== undefined) return `dedupe:${checkWord('dedupe.key', dedupe.key)}`
  return debounce === undefined ? null : `debounce:${checkWord('debounce.key', debounce.key)}`
}

function checkPriority(priority: number): number {
  if (Number.isFinite(priority) && Math.abs(priority) <= MAX_PRIORITY) return priority
  throw invalid('priority', priority, `a number from -${String(MAX_PRIORITY)} to ${String(MAX_PRIORITY)}`)
}

// Most runs have no words of their own: then they need no list of their own.
const NO_ATTRIBUTES: Readonly<Record<string, AttributeValue>> = Object.freeze({})

function tagsOf(ofFlow: readonly string[], own: readonly string[] = []): readonly string[] {
  return ofFlow.length + own.length === 0 ? ofFlow : checkWords('tags', [...new Set([...ofFlow, ...own])])
}

function checkAttributes(
  attributes: Readonly<Record<string, AttributeValue>>,
): Readonly<Record<string, AttributeValue>> {
  for (const [name, value] of Object.entries(attributes)) {
    checkWord('attributes', name)
    const isPlain = typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))
    if (!isPlain) checkWord(`attributes.${name}`, value)
  }
  checkWords('attributes', Object.keys(attributes))
  return { ...attributes }
}

function checkWords(field: string, words: readonly string[]): readonly string[] {
  if (words.length > MAX_WORDS) throw invalid(field, `${String(words.length)} of them`, `at most ${String(MAX_WORDS)}`)
  return words.map((word) => checkWord(field, word))
}

function checkWord(field: string, word: unknown): string {
  if (
    typeof word === 'string' &&
    word !== '' &&
    word.length <= MAX_CHARS &&
    word.isWellFormed() &&
    !word.includes('\0')
  )
    return word
  throw invalid(field, word, `text of 1 to ${String(MAX_CHARS)} characters`)
}

function invalid(field: string, value: unknown, expected: string): PerfectError {
  return new PerfectError('REQUEST_INVALID', `"${field}" is ${String(value)}. Give ${expected}.`, {
    details: { field, value: String(value) },
  })
}
