import type { PlannedTask } from '../definition/flow.ts'
import { CallSegment } from './call-segment.ts'
import { declaresWeights, type LearnedPlan } from './learned-plan.ts'
import type { Segment } from './progress-segment.ts'

/**
 * The segments of a run before its first call, in order. Weights are those that are declared; where nothing is, they are learned: then
 * the tasks that past runs have called are there too, also those that no plan names.
 */
export function planSegments(plan: readonly PlannedTask[], learned: LearnedPlan): Map<string, Segment> {
  const known = new Map(learned.map((task) => [task.name, task]))
  const isLearned = learned.length > 0 && !declaresWeights(plan)
  const planned = plan.map(({ name, weight, isOpen }) => {
    const task = known.get(name) ?? null
    return new CallSegment(name, {
      weight: isLearned && task ? task.weight : weight,
      isOpen,
      learned: task,
    })
  })
  const names = new Set(plan.map(({ name }) => name))
  const unplanned = isLearned ? learned.filter(({ name }) => !names.has(name)) : []
  const found = unplanned.map(
    (task) => new CallSegment(task.name, { weight: task.weight, isOpen: false, learned: task }),
  )
  return new Map([...planned, ...found].map((segment) => [segment.name, segment]))
}
