import type { PlannedTask } from '../definition/flow.ts'
import { SmallMap } from '../primitives/small-map.ts'
import { CallSegment } from './call-segment.ts'
import { declaresWeights, type LearnedPlan } from './learned-plan.ts'
import type { Segment, SegmentFacts } from './progress-segment.ts'

type NamedFacts = readonly (readonly [name: string, facts: SegmentFacts])[]

// Most runs of a flow begin with the same plan and the same past: what follows from both is made once.
const made = new WeakMap<LearnedPlan, WeakMap<readonly PlannedTask[], NamedFacts>>()

/**
 * The segments of a run before its first call, in order. Weights are those that are declared; where nothing is, they are learned: then
 * the tasks that past runs have called are there too, also those that no plan names.
 */
export function planSegments(plan: readonly PlannedTask[], learned: LearnedPlan): SmallMap<Segment> {
  const segments = new SmallMap<Segment>()
  for (const [name, facts] of factsOf(plan, learned)) segments.set(name, new CallSegment(name, facts))
  return segments
}

function factsOf(plan: readonly PlannedTask[], learned: LearnedPlan): NamedFacts {
  const byPlan = made.get(learned) ?? new WeakMap<readonly PlannedTask[], NamedFacts>()
  const facts = byPlan.get(plan) ?? makeFacts(plan, learned)
  made.set(learned, byPlan.set(plan, facts))
  return facts
}

function makeFacts(plan: readonly PlannedTask[], learned: LearnedPlan): NamedFacts {
  const known = new Map(learned.map((task) => [task.name, task]))
  const isLearned = learned.length > 0 && !declaresWeights(plan)
  const planned = plan.map(({ name, weight, isOpen }) => {
    const task = known.get(name) ?? null
    const facts = { weight: isLearned && task ? task.weight : weight, isOpen, isExpected: true, learned: task }
    return [name, facts] as const
  })
  const names = new Set(plan.map(({ name }) => name))
  const unplanned = isLearned ? learned.filter(({ name }) => !names.has(name)) : []
  const found = unplanned.map((task) => {
    const facts = { weight: task.weight, isOpen: false, isExpected: true, learned: task }
    return [task.name, facts] as const
  })
  return [...planned, ...found]
}
