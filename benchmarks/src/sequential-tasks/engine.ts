import { flow, task, type Flow } from '@perfect/core'

import { fileStorage, runOnce, startEngine, stopEngine } from '../harness/engine.ts'
import { reportFigures } from '../harness/side.ts'

const TASKS = 50
let ms = 0

const step = task('step', (place: number) => Promise.resolve(place))
const steps: Flow<number, number> = flow('steps', async (count: number) => {
  let place = 0
  const began = performance.now()
  while (place < count) place = await step(place + 1)
  ms += performance.now() - began
  return place
})

await reportFigures(async ({ folder, load }) => {
  const storage = fileStorage(folder)
  const engine = await startEngine(storage, steps, load.concurrency)
  for (let index = 0; index < load.warmUp; index += 1) await runOnce(engine, steps, TASKS)
  ms = 0
  for (let index = 0; index < load.runs; index += 1) await runOnce(engine, steps, TASKS)
  const msPerTask = ms / load.runs / TASKS
  await stopEngine(engine, storage, load.warmUp + load.runs)
  return { msPerTask }
})
