/* Tasks that do not come this time. Pure. */
import type { PastTask } from './past-task.ts'
import type { WalkNode } from './simulate-rest.ts'
import type { GraphNode } from './twin-state.ts'

// So much later than usual, a task is not merely late.
const TIMES_LATE = 3
// And so much of the time of the run so far, in which something else may have kept it.
const SHARE_LATE = 0.02

/** The tasks that have not started, although all that they wait for ended long before. */
export function overdueTasks(
  order: readonly GraphNode[],
  nodes: readonly WalkNode[],
  now: number,
): readonly PastTask[] {
  return nodes.flatMap(({ seen, past, parents }, place) => {
    const { lag = Infinity } = order[place] ?? {}
    if (seen || !past) return []
    let readyAt = 0
    for (const parent of parents) {
      const before = nodes[parent]?.seen
      if (!before || before.done < before.n) return []
      readyAt = Math.max(readyAt, before.endedAt)
    }
    return now - readyAt > TIMES_LATE * lag + SHARE_LATE * now ? [past] : []
  })
}
