/*
 * Takes back what a run has done, before it ends as failed or cancelled: the compensations of its succeeded tasks, the last first, each a
 * task of its own. That it has begun, and how the run ends, is the record `undo`: from then on the run can only end.
 */
import { PerfectError } from '../errors/perfect-error.ts'
import { serializeError, type SerializedError } from '../errors/serialized-error.ts'
import type { RunJournal } from '../journal/run-journal.ts'
import type { RunEnd, TaskOutcome } from '../journal/run-writes.ts'
import { decodeValue, encodeValue } from '../primitives/value.ts'
import type { TaskRecord } from '../storage/records.ts'
import { undoKey } from '../storage/run-rules.ts'
import type { Compensations, LeftCall, UndoableCall } from './compensations.ts'
import { runTask, type TaskCall, type TaskHost } from './run-task.ts'
import { Waits } from './waits.ts'

/** Key of the record that says that a run is being undone. */
export const UNDO_RECORD = 'undo'

/** What undoing works with. */
type UndoParts = Pick<TaskHost, 'journal' | 'clock' | 'random' | 'middleware' | 'slots' | 'cached'> & {
  readonly compensations: Compensations
}

/** The end of a run of which undoing has begun before; null when it has not. */
export function endUnderUndo({ records }: RunJournal): { readonly end: RunEnd; readonly isUndone: boolean } | null {
  const record = records.get(UNDO_RECORD)
  if (record === undefined || record.kind !== 'undo' || record.value === null) return null
  const { status, error } = decodeValue(record.value) as Pick<RunEnd, 'status' | 'error'>
  return { end: withLeft({ status, result: null, error }, record.error), isUndone: record.position !== null }
}

/** Undoes one run. */
export class UndoRun {
  readonly #parts: UndoParts
  readonly #end: RunEnd
  readonly #graceMs: number
  hasBegun = false
  readonly #controller = new AbortController()
  readonly #waits: Waits

  /** @param graceMs How long it may take in all. Unit: ms. Range: >= 0. */
  constructor(parts: UndoParts, end: RunEnd, graceMs: number) {
    this.#parts = parts
    this.#end = end
    this.#graceMs = graceMs
    this.#waits = new Waits(parts.clock)
    this.#controller.signal.addEventListener('abort', () => this.#waits.endAll())
  }

  /** Stops what runs; nothing more is undone here. */
  stop(): void {
    this.#controller.abort(
      new PerfectError('LEASE_LOST', `Run ${this.#parts.journal.run.id} is not driven here any more.`),
    )
  }

  /** Undoes all there is, and gives the end of the run; null when it was stopped or lost before. */
  async run(): Promise<RunEnd | null> {
    this.hasBegun = true
    const { journal, clock } = this.#parts
    const graceMs = this.#graceMs
    const startedAt = await this.#begin()
    if (startedAt === null) return null
    const isLate = { value: false }
    const stopTimer = clock.setTimer(Math.max(0, startedAt + graceMs - clock.now()), () => {
      isLate.value = true
      this.#controller.abort(
        new PerfectError('TASK_TIMEOUT', `Undoing run ${journal.run.id} took longer than ${String(graceMs)} ms.`),
      )
    })
    try {
      await this.#undoAll()
    } finally {
      stopTimer()
    }
    return !journal.isOpen || (this.#controller.signal.aborted && !isLate.value) ? null : this.#finish(startedAt)
  }

  async #begin(): Promise<number | null> {
    const { journal, clock } = this.#parts
    const { status, error } = this.#end
    const before = journal.records.get(UNDO_RECORD)
    if (before) return before.startedAt
    const tasks = this.#parts.compensations.count(journal.records)
    journal.note('info', `the run is ${status}: undoing ${String(tasks)} ${tasks === 1 ? 'task' : 'tasks'}`)
    const startedAt = clock.now()
    const value = encodeValue({ status, error }, 'end of the run')
    const written = await journal.record({ ...markOf(startedAt), status: 'running', value })
    return written === 'lost' ? null : startedAt
  }

  // Looks anew each time: a task that was told to stop may still succeed.
  async #undoAll(): Promise<void> {
    const { journal } = this.#parts
    const { signal } = this.#controller
    const stopped = new Promise<'stopped'>((resolve) => signal.addEventListener('abort', () => resolve('stopped')))
    while (journal.isOpen && !signal.aborted) {
      const [next] = this.#parts.compensations.pending(journal.records)
      if (next === undefined) return
      const end = await Promise.race([runTask(this.#host(), toUndoCall(next)), stopped])
      if (end !== 'accepted') return
    }
  }

  #host(): TaskHost {
    const { journal, clock, random, middleware, slots, cached } = this.#parts
    const { signal } = this.#controller
    return {
      journal,
      clock,
      random,
      middleware,
      slots,
      cached,
      signal,
      get isAborted() {
        return signal.aborted
      },
      dormant: async (wait) => (signal.aborted ? 'stopped' : this.#waits.for(wait)),
    }
  }

  async #finish(startedAt: number): Promise<RunEnd | null> {
    const { journal, clock } = this.#parts
    const left = this.#parts.compensations.left(journal.records)
    const error = left.length === 0 ? null : serializeError(notUndone(journal.run.id, left))
    if (error) journal.note('error', error.message)
    const { status, error: reason } = this.#end
    const written = await journal.record({
      ...markOf(startedAt),
      status: error ? 'failed' : 'succeeded',
      finishedAt: clock.now(),
      value: encodeValue({ status, error: reason }, 'end of the run'),
      error,
    })
    return written === 'lost' ? null : withLeft(this.#end, error)
  }
}

function markOf(startedAt: number): Omit<TaskOutcome, 'status' | 'value'> {
  return {
    key: UNDO_RECORD,
    name: 'undo',
    kind: 'undo',
    attempt: 1,
    weight: MARK_WEIGHT,
    estimatedMs: null,
    startedAt,
    finishedAt: null,
    wakeAt: null,
    error: null,
  }
}

// The record is no work of its own.
const MARK_WEIGHT = 0.001

function toUndoCall({ call, record }: UndoableCall): TaskCall {
  const { definition, args, weight } = call
  const name = `undo ${definition.name}`
  return {
    key: undoKey(call.key),
    kind: 'undo',
    name,
    weight,
    item: null,
    args,
    argsText: null,
    estimatedMs: null,
    definition: {
      name,
      run: async (...given) => {
        await definition.compensate?.(valueOf(record), given)
      },
      weightOf: definition.weightOf,
      isWeightOfArguments: definition.isWeightOfArguments,
      estimatedMsOf: () => null,
      keyOf: null,
      retry: definition.retry,
      timeoutMs: definition.timeoutMs,
      // What takes back must be able to run twice: there is nobody who could take it back.
      isIdempotent: true,
      limitsOf: null,
      cache: null,
      compensate: null,
    },
  }
}

function valueOf({ value }: TaskRecord): unknown {
  return value === null ? undefined : decodeValue(value)
}

function notUndone(runId: string, left: readonly LeftCall[]): PerfectError<'COMPENSATION_FAILED'> {
  const list = left.map(({ key, reason }) => `${key} (${reason})`).join('; ')
  return new PerfectError(
    'COMPENSATION_FAILED',
    `Not everything that run ${runId} did was undone: ${list}. Undo it by hand.`,
    { details: { runId, notUndone: left } },
  )
}

/** The error of the run stays what it is; what was not undone is told beside it. */
function withLeft(end: RunEnd, left: SerializedError | null): RunEnd {
  if (left === null || end.error === null) return end
  const compensation = { code: left.code, message: left.message, ...left.details }
  return { ...end, error: { ...end.error, details: { ...end.error.details, compensation } } }
}
