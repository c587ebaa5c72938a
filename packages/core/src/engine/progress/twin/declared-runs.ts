/* Runs that nobody has run: what the author of a flow tells, as eight runs that differ as much as such words do. Pure. */
import { hash, orderOfEight } from './draws.ts'
import type { DeclaredTask, PastRun } from './twin-state.ts'

// Eight normal deviates that stand for all.
const DEVIATES: readonly number[] = [-1.53, -0.89, -0.49, -0.16, 0.16, 0.49, 0.89, 1.53]
// People are wrong by a factor of two, and more often about all tasks than about one.
const RUN_SPREAD = 0.6
const TASK_SPREAD = 0.3

export function declaredRuns(tasks: readonly DeclaredTask[]): readonly PastRun[] {
  return DEVIATES.map((deviate, index) => {
    const groups = tasks.map(({ key, ms, count = 1 }) => {
      const own = DEVIATES[orderOfEight(hash(key))[index] ?? 0] ?? 0
      return [key, { n: count, d: [Math.max(1, ms) * Math.exp(RUN_SPREAD * deviate + TASK_SPREAD * own)] }] as const
    })
    return { groups: Object.fromEntries(groups), prior: true }
  })
}
