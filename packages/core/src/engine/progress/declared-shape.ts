import type { PlannedTask } from '../../definition/flow.ts'
import type { RunShape, TaskShape } from './run-shape.ts'

// People are wrong about times by a factor of two, as often as not.
const PACES = [0.6, 1, 1.7]

/** Runs as the plan declares them, one task after the other; none when a time is missing. */
export function declaredShapes(plan: readonly PlannedTask[]): readonly RunShape[] {
  const times = plan.flatMap(({ estimatedMs }) => (estimatedMs === null ? [] : [estimatedMs]))
  if (plan.length === 0 || times.length < plan.length) return []
  return PACES.map((pace) => {
    let at = 0
    const tasks = plan.map(({ name, weight, estimatedMs }): readonly [string, TaskShape] => {
      const ms = (estimatedMs ?? 0) * pace
      const from = at
      at += ms
      return [name, { calls: 1, rounds: 1, items: 0, weight, isWork: true, ms, from, to: at }]
    })
    return { tasks: Object.fromEntries(tasks), total: at }
  })
}
