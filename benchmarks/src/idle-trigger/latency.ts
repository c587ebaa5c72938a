import { setTimeout } from 'node:timers/promises'

import type { Figures, Load } from '../harness/comparison.ts'
import { quantile } from '../harness/statistics.ts'

// Long enough for everything of the last trigger to have come to rest.
const PAUSE_MS = 10

/** Triggers again and again, with a pause before each. @param trigger Gives when the work had started, by `performance.now()`. */
export async function measureLatency(load: Load, trigger: (index: number) => Promise<number>): Promise<Figures> {
  const latencies: number[] = []
  for (let index = 0; index < load.warmUp + load.runs; index += 1) {
    await setTimeout(PAUSE_MS)
    const began = performance.now()
    const started = await trigger(index)
    if (index >= load.warmUp) latencies.push(started - began)
  }
  return { p50Ms: quantile(latencies, 0.5), p99Ms: quantile(latencies, 0.99) }
}
