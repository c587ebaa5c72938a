/* Deliberate mistakes of a storage. Each must be found by the simulation: without this, "no violation" would say nothing. */
import type { Change } from '../../src/storage/changes.ts'
import type { RunRecord } from '../../src/storage/records.ts'
import type { Timeline } from './timeline.ts'

/** A mistake. */
export interface Mutant {
  readonly name: string
  /** What is stored instead of a change; null: nothing, and it counts as stored. */
  readonly change?: (change: Change, before: RunRecord | undefined, timeline: Timeline) => Change | null
  /** What a read answers instead. */
  readonly answer?: <T>(read: string, answer: T, timeline: Timeline) => T
  /** Commits are answered before they are made. */
  readonly answersEarly?: boolean
}

/** No mistake. */
export const CORRECT: Mutant = { name: 'correct' }

/** The mistakes that must be found. */
export const MUTANTS: readonly Mutant[] = [
  {
    name: 'the fence is not checked',
    change: (change, before) =>
      before?.engineId && 'epoch' in change && 'engineId' in change && change.type !== 'run.adopt'
        ? { ...change, epoch: before.epoch, engineId: before.engineId }
        : change,
  },
  { name: 'a commit is answered before it is made', answersEarly: true },
  {
    name: 'an acknowledged checkpoint is lost now and then',
    change: (change, _before, timeline) => (change.type === 'task.put' && timeline.chance(0.05) ? null : change),
  },
  {
    name: 'a lease is judged too short',
    change: (change) => (change.type === 'engine.put' ? { ...change, leaseMs: change.leaseMs / 4 } : change),
  },
  {
    name: 'a cancel is forgotten',
    change: (change) => (change.type === 'run.cancel' ? null : change),
  },
  {
    name: 'the value of a checkpoint is lost now and then',
    change: (change, _before, timeline) =>
      change.type === 'task.put' && timeline.chance(0.1) ? { ...change, task: { ...change.task, value: '0' } } : change,
  },
  {
    name: 'a read of checkpoints misses the last one',
    answer: (read, answer) =>
      read === 'tasks.list' && Array.isArray(answer) ? (answer.slice(0, -1) as never) : answer,
  },
  {
    name: 'the end of a run is lost now and then',
    change: (change, _before, timeline) => (change.type === 'run.finish' && timeline.chance(0.2) ? null : change),
  },
  {
    name: 'the start of a task that may run once is not stored',
    change: (change) => (change.type === 'task.put' && change.task.status === 'running' ? null : change),
  },
  {
    name: 'what undoing has done is forgotten',
    change: (change) => (change.type === 'task.put' && change.task.kind === 'undo' ? null : change),
  },
  {
    name: 'an acknowledged signal is lost now and then',
    change: (change, _before, timeline) => (change.type === 'signal.send' && timeline.chance(0.5) ? null : change),
  },
  {
    name: 'an acknowledged run is lost now and then',
    change: (change, _before, timeline) => (change.type === 'run.create' && timeline.chance(0.2) ? null : change),
  },
]
