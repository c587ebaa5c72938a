import { flow, task, type Flow } from '@perfect/core'

import { fileStorage, runOnce, startEngine, stopEngine } from '../harness/engine.ts'
import { reportFigures } from '../harness/side.ts'
import { measureLatency } from './latency.ts'

let started = 0
const step = task('step', (index: number) => {
  started = performance.now()
  return Promise.resolve(index)
})
const single: Flow<number, number> = flow('single', (index: number) => step(index))

await reportFigures(async ({ folder, load }) => {
  const storage = fileStorage(folder)
  const engine = await startEngine(storage, single, load.concurrency)
  const figures = await measureLatency(load, async (index) => {
    await runOnce(engine, single, index)
    return started
  })
  await stopEngine(engine, storage, load.warmUp + load.runs)
  return figures
})
