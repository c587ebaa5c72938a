/* Deliberate mistakes of a storage. Each must be found by the simulation: without this, "no violation" would say nothing. */
import type { Change } from '../../src/storage/changes.ts'
import type { RunRecord } from '../../src/storage/records.ts'
import type { CreateRun, FinishRun, Limit } from '../../src/storage/run-changes.ts'
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
    name: 'a limit lets one more in',
    change: (change) => ('limits' in change ? { ...change, limits: change.limits.map(oneMore) } : change),
  },
  {
    name: 'a limit is not looked at',
    change: (change) => ('limits' in change ? { ...change, limits: [] } : change),
  },
  {
    name: 'the next attempt of a run is lost',
    change: (change) => (change.type === 'run.finish' ? withoutNext(change) : change),
  },
  {
    name: 'the same work is made twice',
    change: (change) => (change.type === 'run.create' ? withoutCollapse(change) : change),
  },
  {
    name: 'a kept value is that of another call',
    answer: (read, answer) => (read === 'tasks.cached' && answer ? { ...answer, value: '0' } : answer),
  },
  {
    name: 'a run that is to end at once is only asked',
    change: (change) => (change.type === 'run.cancel' ? { ...change, force: false } : change),
  },
  {
    name: 'a pause is forgotten',
    change: (change) => (change.type === 'run.pause' ? null : change),
  },
  {
    name: 'the runs of a time of a schedule are lost now and then',
    change: (change, _before, timeline) =>
      change.type === 'schedule.put' && timeline.chance(0.3) ? { ...change, changes: [] } : change,
  },
  {
    name: 'an acknowledged run is lost now and then',
    change: (change, _before, timeline) => (change.type === 'run.create' && timeline.chance(0.2) ? null : change),
  },
]

function oneMore(limit: Limit): Limit {
  return { ...limit, max: limit.max + 1 }
}

function withoutNext({ next: _next, ...change }: FinishRun): FinishRun {
  return change
}

function withoutCollapse({ collapse: _collapse, ...change }: CreateRun): CreateRun {
  return change
}
