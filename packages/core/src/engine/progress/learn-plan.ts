/* The plan that past runs tell. Pure. */
import type { LearnedPlan, LearnedTask } from '../../journal/learned-plan.ts'
import { median, type RunShape, type TaskShape } from './run-shape.ts'

// A segment that cannot be seen cannot be read either; and what took no time may take some.
const MIN_SHARE = 0.005

/**
 * What most past runs have in common: their tasks, in the order in which they come.
 *
 * @param shapes Runs that succeeded.
 */
export function learnPlan(shapes: readonly RunShape[]): LearnedPlan {
  const names = new Set(shapes.flatMap(({ tasks }) => workOf(tasks).map(([name]) => name)))
  const common = [...names].filter((name) => 2 * shapes.filter(({ tasks }) => name in tasks).length >= shapes.length)
  const isDeclared = shapes.some(({ tasks }) => workOf(tasks).some(([, { weight, calls }]) => weight !== calls))
  const shares = shapes.map((shape) => sharesOf(shape, isDeclared))
  const learned = common.map((name) => toLearnedTask(name, shapes, shares))
  const sum = learned.reduce((total, { weight }) => total + weight, 0)
  return learned
    .map((task) => ({ ...task, weight: (task.weight / sum) * learned.length }))
    .toSorted((left, right) => left.startsAt - right.startsAt || left.endsAt - right.endsAt)
}

function toLearnedTask(
  name: string,
  shapes: readonly RunShape[],
  shares: readonly ReadonlyMap<string, number>[],
): LearnedTask {
  const seen = shapes.flatMap(({ tasks, total }) => {
    const task = tasks[name]
    return task ? [{ ...task, total: Math.max(1, total) }] : []
  })
  const of = (select: (task: (typeof seen)[number]) => number): number => median(seen.map(select))
  const inMaps = seen.filter(({ items }) => items > 0)
  const lengths = seen.flatMap(({ ms }) => (ms === null ? [] : [ms]))
  return {
    name,
    weight: Math.max(MIN_SHARE, median(shares.flatMap((share) => share.get(name) ?? []))),
    rounds: of(({ rounds }) => rounds),
    callsPerItem: inMaps.length === 0 ? null : median(inMaps.map(({ calls, items }) => calls / items)),
    estimatedMs: lengths.length === 0 ? 0 : median(lengths),
    startsAt: Math.min(
      1,
      of(({ from, total }) => from / total),
    ),
    endsAt: Math.min(
      1,
      of(({ to, total }) => to / total),
    ),
  }
}

/** How the work of a run is shared among its tasks: by weights, when they are declared, else by time. */
function sharesOf({ tasks }: RunShape, isDeclared: boolean): ReadonlyMap<string, number> {
  const work = workOf(tasks).map(([name, task]) => [name, isDeclared ? task.weight : timeOf(task)] as const)
  const sum = work.reduce((total, [, size]) => total + size, 0)
  return new Map(work.map(([name, size]) => [name, sum > 0 ? size / sum : 1 / work.length]))
}

function workOf(tasks: RunShape['tasks']): readonly (readonly [name: string, task: TaskShape])[] {
  return Object.entries(tasks).filter(([, { isWork }]) => isWork)
}

function timeOf({ ms, calls, from, to }: TaskShape): number {
  return ms === null ? to - from : ms * calls
}
