import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

import { FlowEngine } from '@perfect/core'
import { serve } from '@perfect/http/node'

import type { Load } from '../harness/comparison.ts'
import { reportFigures } from '../harness/side.ts'
import { quantile } from '../harness/statistics.ts'

const WORKER = fileURLToPath(new URL('worker.ts', import.meta.url))
// Runs that are started one by one, with nothing else to do.
const CALM_RUNS = 300

await reportFigures(async ({ load }) => {
  const engine = new FlowEngine()
  const server = await serve(engine, { port: 0 })
  const worker = fork(WORKER, [`--url=${server.url.replace('http', 'ws')}`, `--slots=${String(load.concurrency)}`])
  try {
    while (engine.workers.workersFor('small') === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    for (let left = load.warmUp; left > 0; left -= load.concurrency)
      await runMany(engine, { ...load, runs: Math.min(left, load.concurrency) })
    const began = performance.now()
    await runMany(engine, load)
    const runsPerSecond = (load.runs / (performance.now() - began)) * 1000
    const times: number[] = []
    for (let n = 0; n < Math.min(CALM_RUNS, load.runs); n++) times.push(await dispatchMs(engine))
    return { runsPerSecond, dispatchMs: quantile(times, 0.5), dispatchP99Ms: quantile(times, 0.99) }
  } finally {
    worker.kill()
    await once(worker, 'exit')
    await server.close()
    await engine.stop({ drainMs: 0 })
  }
})

async function runMany(engine: FlowEngine, { runs, concurrency }: Load): Promise<void> {
  let left = runs
  const lane = async (): Promise<void> => {
    while (left-- > 0) await (await engine.triggerFlow('small', 'release')).result()
  }
  await Promise.all(Array.from({ length: concurrency }, lane))
}

/** From the request to the worker's first sight of the run; both by the clock of the machine. */
async function dispatchMs(engine: FlowEngine): Promise<number> {
  const began = Number(process.hrtime.bigint()) / 1e6
  const run = await engine.triggerFlow('small', 'release')
  return Number(await run.result()) - began
}
