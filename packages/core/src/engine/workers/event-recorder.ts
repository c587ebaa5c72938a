/*
 * Writes the events of the worker that runs a run into its journal. Two positions are kept apart:
 * `received` (in memory) is what was applied; `stored` (in the run record) is what was committed, and all that is acknowledged.
 * A `step.started` that may be repeated is applied without a write of its own: it is acknowledged with the next stored event, and
 * sent again by the worker after a restart of the engine, so that numbers stay contiguous and short tasks cost one write.
 */
import type { RunJournal } from '../../journal/run-journal.ts'
import type { TaskOutcome, WriteResult } from '../../journal/run-writes.ts'
import type { Clock } from '../../primitives/clock.ts'
import { cancelledEnd } from '../../runner/run-stop.ts'
import type { TaskRecord } from '../../storage/records.ts'
import type { WorkerEvent } from './messages.ts'
import { RemoteMaps } from './remote-maps.ts'

/** What to answer. `ended`: the run has ended with the last of these events. */
export type RecordAnswer =
  | { readonly kind: 'ack' | 'ended'; readonly seq: number }
  | { readonly kind: 'gap'; readonly expectedSeq: number }
  | { readonly kind: 'lost' }

type Step = Extract<WorkerEvent, { readonly key: string }>
type Start = Pick<Extract<Step, { readonly kind: 'step.started' }>, 'weight' | 'estimatedMs'>
type RunCompleted = Extract<WorkerEvent, { readonly kind: 'run.completed' }>

// After a restart of the engine the end of a task may come without its start, which was acknowledged with another one.
const UNKNOWN_START: Start = { weight: null, estimatedMs: null }

/** Records the events of one run under one epoch. */
export class EventRecorder {
  readonly #journal: RunJournal
  readonly #clock: Clock
  /** Keys whose final record is on its way. */
  readonly #recording = new Set<string>()
  readonly #maps = new RemoteMaps()
  #received: number
  #writes: Promise<unknown> = Promise.resolve()
  #isEnding = false

  constructor(journal: RunJournal, clock: Clock) {
    this.#journal = journal
    this.#clock = clock
    this.#received = journal.run.workerEventSeq
    for (const record of journal.records.values()) if (!this.#maps.keep(record)) this.#restore(record)
  }

  /** Number of the last event that is committed. */
  get storedSeq(): number {
    return this.#journal.run.workerEventSeq
  }

  /** Whether the end of the run is on its way. */
  get isEnding(): boolean {
    return this.#isEnding
  }

  /** Applies events in order. Those that came before change nothing. Rejects when a write failed: the run cannot go on here then. */
  async apply(firstSeq: number, events: readonly WorkerEvent[]): Promise<RecordAnswer> {
    if (firstSeq > this.#received + 1) return { kind: 'gap', expectedSeq: this.#received + 1 }
    const writes: Promise<WriteResult>[] = []
    let end: { readonly event: RunCompleted; readonly seq: number } | null = null
    let seq = firstSeq - 1
    for (const event of events) {
      seq++
      if (seq <= this.#received || this.#isEnding) continue
      this.#received = seq
      if (event.kind === 'run.completed') {
        this.#isEnding = true
        end = { event, seq }
      } else if (event.kind !== 'other') writes.push(...this.#applyStep(event, seq))
    }
    return this.#settle(writes, end)
  }

  async #settle(
    writes: readonly Promise<WriteResult>[],
    end: { readonly event: RunCompleted; readonly seq: number } | null,
  ): Promise<RecordAnswer> {
    const own = Promise.all(writes)
    const before = this.#writes
    this.#writes = Promise.all([before, own])
    // Whoever waits for `own` hears of a failure; there may be no end that waits for the chain.
    this.#writes.catch(() => undefined)
    if ((await own).includes('lost')) return { kind: 'lost' }
    if (end === null) return { kind: 'ack', seq: this.storedSeq }
    // The end carries the progress of the records before it, and does not come when one of them failed.
    await before
    const { status, result, error } = end.event
    const isBare = status === 'cancelled' && error === null
    const written = await this.#journal.finish(
      isBare ? cancelledEnd(this.#journal) : { status, result, error },
      end.seq,
    )
    return written === 'lost' ? { kind: 'lost' } : { kind: 'ended', seq: end.seq }
  }

  #applyStep(event: Step, seq: number): readonly Promise<WriteResult>[] {
    // The first record of a key stays. The number is stored all the same, so that the next one follows.
    if (this.#recording.has(event.key) || this.#isRecorded(event.key))
      return [this.#journal.update({ workerEventSeq: seq })]
    switch (event.kind) {
      case 'step.started':
        this.#begin(event, event)
        return event.isDurable ? [this.#record(event, { status: 'running' }, seq)] : []
      case 'step.retrying': {
        this.#beginUnknown(event)
        this.#journal.note(
          'warn',
          `${event.task} failed (attempt ${String(event.attempt)}): ${event.error.message}`,
          event.key,
        )
        const wakeAt = this.#clock.now() + event.retryInMs
        return [this.#record(event, { status: 'retrying', wakeAt, error: event.error }, seq)]
      }
      case 'step.completed':
        return [this.#complete(event, seq)]
    }
  }

  #complete(event: Extract<Step, { readonly kind: 'step.completed' }>, seq: number): Promise<WriteResult> {
    const { key, value, error, durationMs } = event
    this.#recording.add(key)
    this.#beginUnknown(event)
    if (error) this.#journal.note('error', `${event.task} failed: ${error.message}`, key)
    const finishedAt = this.#clock.now()
    const startedAt = this.#journal.live.find(key)?.startedAt ?? finishedAt - durationMs
    return this.#record(event, { status: error ? 'failed' : 'succeeded', value, error, startedAt, finishedAt }, seq)
  }

  #record(
    { key, task, attempt, argsHash }: Step,
    outcome: Pick<TaskOutcome, 'status'> & Partial<TaskOutcome>,
    seq: number,
  ): Promise<WriteResult> {
    const live = this.#journal.live.find(key)
    return this.#journal.record(
      {
        key,
        name: task,
        kind: 'task',
        attempt,
        args: argsHash,
        weight: live?.weight ?? this.#planned(task).weight,
        estimatedMs: live?.estimatedMs ?? null,
        startedAt: live?.startedAt ?? this.#clock.now(),
        finishedAt: null,
        wakeAt: null,
        value: null,
        error: null,
        ...outcome,
      },
      { workerEventSeq: seq },
    )
  }

  #beginUnknown(event: Step): void {
    if (this.#journal.live.find(event.key) === undefined) this.#begin(event, UNKNOWN_START)
  }

  #begin({ key, task, attempt, map }: Step, { weight, estimatedMs }: Start): void {
    const { found, records } = this.#maps.tell(map)
    this.#journal.foundTasks.add(found)
    for (const record of records) this.#restore(record)
    const planned = this.#planned(task)
    const call = { key, name: task, weight: weight ?? planned.weight, item: this.#maps.itemOf(key, task) }
    this.#journal.begin(call, { kind: 'task', attempt, estimatedMs: estimatedMs ?? planned.estimatedMs })
  }

  /** Makes progress count what is recorded: its code runs elsewhere, so no replay tells of it here. */
  #restore(record: TaskRecord): void {
    const { key, name, weight } = record
    const call = { key, name, weight, item: this.#maps.itemOf(key, name) }
    if (this.#isRecorded(key)) {
      this.#journal.progress.begin(call)
      this.#journal.progress.finish(key, record.status === 'failed')
    } else if (record.epoch === this.#journal.run.epoch) this.#journal.begin(call, record)
  }

  #isRecorded(key: string): boolean {
    const status = this.#journal.records.get(key)?.status
    return status === 'succeeded' || status === 'failed'
  }

  #planned(task: string): { readonly weight: number; readonly estimatedMs: number | null } {
    return this.#journal.definition.plan.find(({ name }) => name === task) ?? { weight: 1, estimatedMs: null }
  }
}
