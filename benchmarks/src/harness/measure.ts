/*
 * One side of a benchmark, measured in a process of its own: nothing of the other side is warm, loaded or running in it.
 * `compare.ts` starts such processes and takes what `reportMeasurement()` sends.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'

/** How a side is loaded. */
export interface Load {
  /** Runs that are measured. Range: >= 1. */
  readonly runs: number
  /** Runs in flight at once. Range: >= 1. */
  readonly concurrency: number
}

/** What one round of one side gave. */
export interface Measurement {
  readonly runsPerSecond: number
  /** CPU time of the process, its threads included. Unit: ms per run. */
  readonly cpuMsPerRun: number
  /** Delay of the event loop beyond its due time, 99th percentile. Unit: ms. */
  readonly loopDelayP99Ms: number
  /** Memory of the process at the end. Unit: MiB. */
  readonly rssMib: number
}

/** A side that is ready to run. */
export interface Side {
  run(index: number): Promise<unknown>
  /** Ends it. `runs` is the number of runs it was asked for; throws unless exactly these are stored. */
  close(runs: number): Promise<void>
}

// Enough for the compiler to have settled: a service runs for days, not for its first half second.
const WARM_UP_RUNS = 3000
// The finest the histogram offers: its resolution is part of the delay that it gives.
const RESOLUTION_MS = 1

/** A new folder on the disk of the repository: the temporary folder of a system may be in memory, where nothing is ever durable. */
function dataFolder(): string {
  const parent = fileURLToPath(new URL('../../.data', import.meta.url))
  mkdirSync(parent, { recursive: true })
  return mkdtempSync(join(parent, 'round-'))
}

/** Measures a side under the load that the environment states, and sends the result to the process that started this one. */
export async function reportMeasurement(open: (folder: string, load: Load) => Promise<Side>): Promise<void> {
  const load = JSON.parse(process.env['PERFECT_BENCH_LOAD'] ?? '{"runs":2000,"concurrency":100}') as Load
  const folder = dataFolder()
  try {
    const measurement = await measure(await open(folder, load), load)
    if (process.send) process.send(measurement)
    else console.log(measurement)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measure(side: Side, load: Load): Promise<Measurement> {
  await inLanes({ ...load, runs: WARM_UP_RUNS }, (index) => side.run(index))
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delay.enable()
  const cpu = process.cpuUsage()
  const began = performance.now()
  await inLanes(load, (index) => side.run(WARM_UP_RUNS + index))
  const ms = performance.now() - began
  const { user, system } = process.cpuUsage(cpu)
  delay.disable()
  const rssMib = process.memoryUsage.rss() / 1024 ** 2
  await side.close(WARM_UP_RUNS + load.runs)
  return {
    runsPerSecond: (load.runs / ms) * 1000,
    cpuMsPerRun: (user + system) / 1000 / load.runs,
    loopDelayP99Ms: Math.max(0, delay.percentile(99) / 1e6 - RESOLUTION_MS),
    rssMib,
  }
}

async function inLanes(load: Load, work: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < load.runs) await work(next++)
  }
  await Promise.all(Array.from({ length: Math.min(load.concurrency, load.runs) }, lane))
}
