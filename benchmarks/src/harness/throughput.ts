import { monitorEventLoopDelay } from 'node:perf_hooks'

import type { Figures, Load } from './comparison.ts'

/** A side that is ready to run. */
export interface Side {
  run(index: number): Promise<unknown>
  /** Ends it. `runs` is the number of runs it was asked for; throws unless exactly these are stored. */
  close(runs: number): Promise<void>
}

// The finest the histogram offers: its resolution is part of the delay that it gives.
const RESOLUTION_MS = 1

/** Runs a side flat out: throughput, CPU time of the process with its threads, delay of its event loop, and its memory. */
export async function measureThroughput(side: Side, load: Load): Promise<Figures> {
  await inLanes({ ...load, runs: load.warmUp }, (index) => side.run(index))
  const endWatch = watchLoopDelay()
  const cpu = process.cpuUsage()
  const began = performance.now()
  await inLanes(load, (index) => side.run(load.warmUp + index))
  const ms = performance.now() - began
  const { user, system } = process.cpuUsage(cpu)
  const loopDelayP99Ms = endWatch()
  const rssMib = process.memoryUsage.rss() / 1024 ** 2
  await side.close(load.warmUp + load.runs)
  return {
    runsPerSecond: (load.runs / ms) * 1000,
    cpuMsPerRun: (user + system) / 1000 / load.runs,
    loopDelayP99Ms,
    rssMib,
  }
}

/** Watches the delay of the event loop. What it gives says the p99 since then, and ends it. Unit: ms. */
export function watchLoopDelay(): () => number {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delay.enable()
  return () => {
    delay.disable()
    return Math.max(0, delay.percentile(99) / 1e6 - RESOLUTION_MS)
  }
}

/** Starts a run whenever one has ended, so that always the same number is in flight. */
async function inLanes(
  { runs, concurrency }: Pick<Load, 'runs' | 'concurrency'>,
  work: (index: number) => Promise<unknown>,
): Promise<void> {
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < runs) await work(next++)
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, runs) }, lane))
}
