// Perfect itself: the same runs as the floor's, through the public API, with the engine's defaults.
import { flow, task, type Flow } from '@perfect/core'

import { fileStorage, runOnce, startEngine, stopEngine } from '../harness/engine.ts'
import { reportFigures } from '../harness/side.ts'
import { measureThroughput } from '../harness/throughput.ts'

const first = task('first', (index: number) => Promise.resolve(index))
const second = task('second', (index: number) => Promise.resolve(index + 1))
const third = task('third', (index: number) => Promise.resolve(index + 1))

const threeTasks: Flow<number, number> = flow(
  'three tasks',
  async (index: number) => (await third(await second(await first(index)))) + 1,
)

await reportFigures(async ({ folder, load }) => {
  const storage = fileStorage(folder)
  const engine = await startEngine(storage, threeTasks, load.concurrency)
  const run = async (index: number): Promise<void> => {
    const result = await runOnce(engine, threeTasks, index)
    if (result !== index + 3) throw new Error(`A run gave ${String(result)} instead of ${String(index + 3)}.`)
  }
  return measureThroughput({ run, close: (runs) => stopEngine(engine, storage, runs) }, load)
})
