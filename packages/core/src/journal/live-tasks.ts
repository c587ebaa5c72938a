import type { SignalWait } from '../definition/flow-scope.ts'
import type { Clock } from '../primitives/clock.ts'
import { SmallMap } from '../primitives/small-map.ts'
import type { Limit } from '../storage/run-changes.ts'
import type { LearnedPlan } from './learned-plan.ts'
import { timeFraction, type ProgressCall } from './progress.ts'
import type { TaskOutcome } from './run-writes.ts'

/** A task that runs now. */
export interface LiveTask extends Pick<
  TaskOutcome,
  'key' | 'name' | 'kind' | 'attempt' | 'weight' | 'estimatedMs' | 'startedAt'
> {
  /** What the task told; null when it told nothing. Range: 0..1. */
  readonly reported: number | null
  readonly note: string | null
  /** Tells its place in line; null when it runs. */
  readonly place: (() => LinePlace | null) | null
  readonly wait?: SignalWait
}

/** Where a task waits that needs a place of a limit. */
export interface LinePlace {
  readonly limit: Limit
  /** Among the calls of this engine. Range: >= 1; 1 is next. */
  readonly place: number
}

/** What is known of a task that begins. */
export interface BegunTask extends Pick<TaskOutcome, 'kind' | 'attempt' | 'estimatedMs'> {
  /** What it waits for, when it is a wait. */
  readonly wait?: SignalWait
}

interface Entry {
  task: LiveTask
  /** Start by the monotonic clock. */
  readonly since: number
  isStartRecorded: boolean
}

const WORK: ReadonlySet<LiveTask['kind']> = new Set(['task', 'undo'])
// Shorter tasks write one record, when they end; longer ones are worth one more, so that others see them.
const LONG_TASK_MS = 1000

const NONE: ReadonlyMap<string, LiveTask> = new Map()

/** The tasks of one run that run now. */
export class LiveTasks {
  readonly #clock: Clock
  readonly #learned: LearnedPlan
  readonly #entries = new SmallMap<Entry>()
  /** Whether a task has told how far it is, or declares how long it takes: as long as none has, none has to be asked. */
  hasTold = false

  /** @param learned What past runs say of tasks that declare no estimate. */
  constructor(clock: Clock, learned: LearnedPlan) {
    this.#clock = clock
    this.#learned = learned
  }

  /** Whether something is known of a task, be it from past runs. */
  get canTell(): boolean {
    return this.hasTold || this.#learned.length > 0
  }

  get tasks(): ReadonlyMap<string, LiveTask> {
    return this.#entries.size === 0 ? NONE : new Map([...this.#entries].map(([key, { task }]) => [key, task]))
  }

  find(key: string): LiveTask | undefined {
    return this.#entries.get(key)?.task
  }

  add({ key, name, weight }: ProgressCall, begun: BegunTask, place: LiveTask['place']): void {
    const known = this.#entries.get(key)
    const startedAt = known?.task.place === null ? known.task.startedAt : this.#clock.now()
    const { kind, attempt, estimatedMs, wait } = begun
    const task = { key, name, kind, attempt, estimatedMs, weight, startedAt, reported: null, note: null, place }
    this.hasTold ||= begun.estimatedMs !== null
    const since = this.#clock.monotonic()
    this.#entries.set(key, { task: wait === undefined ? task : { ...task, wait }, since, isStartRecorded: false })
  }

  /** A record of the task is written: what it says is not replaced by the mere start of this attempt. */
  recorded(key: string): void {
    const entry = this.#entries.get(key)
    if (entry) entry.isStartRecorded = true
  }

  /** Gives whether something changed. */
  report(key: string, fraction: number, note: string | null): boolean {
    const entry = this.#entries.get(key)
    if (!entry || Number.isNaN(fraction)) return false
    const reported = Math.max(entry.task.reported ?? 0, Math.min(1, Math.max(0, fraction)))
    const isNew = reported !== entry.task.reported || (note !== null && note !== entry.task.note)
    this.hasTold = true
    if (isNew) entry.task = { ...entry.task, reported, note: note ?? entry.task.note }
    return isNew
  }

  remove(key: string): void {
    this.#entries.delete(key)
  }

  clear(): void {
    this.#entries.clear()
  }

  /** Range: 0..1. */
  fraction(key: string): number {
    const entry = this.#entries.get(key)
    if (!entry) return 0
    const { reported } = entry.task
    return reported ?? timeFraction(this.#clock.monotonic() - entry.since, this.#usualMs(entry.task))
  }

  /** What a task needs yet when it goes on as it did. Unit: ms. null when nothing tells it. */
  remainingMs(key: string): number | null {
    const entry = this.#entries.get(key)
    // How long people need, and a line, nobody knows.
    if (!entry || entry.task.place !== null || entry.task.wait !== undefined) return null
    const fraction = this.fraction(key)
    if (fraction === 0) return this.#usualMs(entry.task)
    return Math.round(((this.#clock.monotonic() - entry.since) * (1 - fraction)) / fraction)
  }

  #usualMs({ name, estimatedMs }: LiveTask): number | null {
    return estimatedMs ?? this.#learned.find((task) => task.name === name)?.estimatedMs ?? null
  }

  /** Tasks that have run for long and have no record of their start yet; each is given once. */
  takeUnrecordedLong(): readonly Omit<LiveTask, 'reported' | 'note' | 'place'>[] {
    const long: Omit<LiveTask, 'reported' | 'note' | 'place'>[] = []
    for (const entry of this.#entries.values()) {
      // What is no work has records of its own, which say more; what waits in line has not started.
      if (
        !WORK.has(entry.task.kind) ||
        entry.task.place !== null ||
        entry.isStartRecorded ||
        this.#clock.monotonic() - entry.since < LONG_TASK_MS
      )
        continue
      entry.isStartRecorded = true
      const { reported: _reported, note: _note, place: _place, ...task } = entry.task
      long.push(task)
    }
    return long
  }
}
