/* Ended runs are replayed against their own journals, in their own order of results and in others. */
import { PerfectError } from '@perfect/core'

import type { Machines } from './machines.ts'
import type { World } from './world.ts'

const ORDERS = 3
const LONGEST_MS = 60_000

/** Replays some runs, in a world in which nothing goes wrong any more. */
export async function checkReplays(world: World, machines: Machines, runIds: readonly string[]): Promise<void> {
  const { timeline, audit } = world
  audit.isReplaying = true
  for (const id of runIds) {
    const engine = machines.any()?.engine
    if (!engine) continue
    const state = { isOver: false }
    const verify = async (): Promise<void> => {
      try {
        const { differences } = await engine.verifyReplay(id, { orders: ORDERS })
        for (const { text } of differences) audit.violation('replay', `${id}: ${text}`)
      } catch (error) {
        // An engine whose start has failed just now.
        if (!PerfectError.is(error, 'STORAGE_UNAVAILABLE')) audit.violation('replay', `${id}: ${String(error)}`)
      }
      state.isOver = true
    }
    void verify()
    await timeline.pass(timeline.elapsed + LONGEST_MS, () => state.isOver)
  }
}
