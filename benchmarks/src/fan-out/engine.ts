import { flow, task, type Flow } from '@perfect/core'

import { fileStorage, runOnce, startEngine, stopEngine } from '../harness/engine.ts'
import { reportFigures } from '../harness/side.ts'

const TASKS = 100

const step = task('step', (place: number) => Promise.resolve(place))
const fan: Flow<number, number> = flow('fan', async (count: number) => {
  const places = await Promise.all(Array.from({ length: count }, (_, place) => step(place)))
  return places.length
})

await reportFigures(async ({ folder, load }) => {
  const storage = fileStorage(folder)
  const engine = await startEngine(storage, fan, load.concurrency)
  for (let index = 0; index < load.warmUp; index += 1) await runOnce(engine, fan, TASKS)
  const began = performance.now()
  for (let index = 0; index < load.runs; index += 1) await runOnce(engine, fan, TASKS)
  const msPerRun = (performance.now() - began) / load.runs
  await stopEngine(engine, storage, load.warmUp + load.runs)
  return { msPerRun }
})
