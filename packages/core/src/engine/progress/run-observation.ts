/* What can be seen of a run that has not ended. Pure. */
import type { LiveTask } from '../../journal/live-tasks.ts'
import type { RunRecord, TaskRecord } from '../../storage/records.ts'
import { ActiveTime } from './active-time.ts'
import type { AnnouncedMaps } from './announced-calls.ts'
import { seenCalls } from './twin-calls.ts'
import type { SeenTask as TwinTask } from './twin/twin-state.ts'

/** A call that runs now. */
export interface RunningCall {
  /** Unit: ms. */
  readonly elapsedMs: number
  /** What it has told; null when it has told nothing. Range: 0..1. */
  readonly reported: number | null
  /** What it declares. Unit: ms. */
  readonly estimatedMs: number | null
}

/** The calls of one task so far. */
export interface SeenTask {
  readonly done: number
  readonly running: readonly RunningCall[]
}

/** A run on its way. */
export interface RunObservation {
  /** Its own time so far. Unit: ms. */
  readonly elapsedMs: number
  readonly tasks: ReadonlyMap<string, SeenTask>
  /** Each of its calls so far, but waits for people. */
  readonly calls: readonly TwinTask[]
  /** Its outermost maps so far, when this engine holds the run. */
  readonly maps: AnnouncedMaps
  /** How long it sleeps for certain, when it does nothing else. Unit: ms. */
  readonly sleepsMs: number
  /** What it waits for, when nothing else goes on: a signal or an approval of this name. */
  readonly waitsFor: { readonly kind: 'signal' | 'approval'; readonly name: string } | null
}

/** What only the engine knows that holds a run. */
export interface HeldRun {
  /** Tasks that run now. */
  readonly live: ReadonlyMap<string, LiveTask>
  readonly maps: AnnouncedMaps
}

export function observeRun(
  run: Pick<RunRecord, 'startedAt' | 'createdAt'>,
  records: readonly TaskRecord[],
  { live, maps }: HeldRun,
  now: number,
): RunObservation {
  const tasks = new Map<string, { done: number; running: RunningCall[] }>()
  const of = (name: string): { done: number; running: RunningCall[] } => {
    const known = tasks.get(name) ?? { done: 0, running: [] }
    tasks.set(name, known)
    return known
  }
  const open: Pick<TaskRecord, 'kind' | 'name' | 'startedAt' | 'finishedAt' | 'wakeAt'>[] = []
  for (const record of records) {
    if (record.position !== null) of(record.name).done++
    else if (!live.has(record.key)) open.push(record)
  }
  for (const { name, kind, startedAt, estimatedMs, reported } of live.values()) {
    const wakeAt = kind === 'sleep' && estimatedMs !== null ? startedAt + estimatedMs : null
    open.push({ kind, name, startedAt, finishedAt: null, wakeAt })
    if (kind !== 'sleep') of(name).running.push({ elapsedMs: Math.max(0, now - startedAt), reported, estimatedMs })
  }
  const busy = open.filter(({ kind }) => kind === 'task' || kind === 'child' || kind === 'undo')
  const asleep = open.flatMap(({ kind, wakeAt }) => (kind === 'sleep' && wakeAt !== null ? [wakeAt - now] : []))
  // What is left of a sleep is known exactly, and is told apart.
  for (const { kind, name } of open) if (kind === 'sleep') of(name).done++
  const waiting = open.find(({ kind }) => kind === 'signal' || kind === 'approval')
  const time = new ActiveTime(
    [...records.filter(({ position }) => position !== null), ...open],
    run.startedAt ?? now,
    now,
  )
  return {
    elapsedMs: time.at(now),
    tasks,
    calls: seenCalls(records, live, time),
    maps,
    sleepsMs: busy.length > 0 ? 0 : Math.max(0, ...asleep),
    waitsFor: busy.length === 0 && asleep.length === 0 && waiting ? toWait(waiting) : null,
  }
}

function toWait({ kind, name }: Pick<TaskRecord, 'kind' | 'name'>): RunObservation['waitsFor'] {
  return { kind: kind === 'approval' ? 'approval' : 'signal', name }
}
