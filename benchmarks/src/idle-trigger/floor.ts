import { Floor, floorRunId } from '../floor/floor.ts'
import { reportFigures } from '../harness/side.ts'
import { measureLatency } from './latency.ts'

await reportFigures(async ({ folder, load }) => {
  const floor = new Floor(folder)
  const figures = await measureLatency(load, async (index) => {
    const id = floorRunId(index)
    await floor.createRun(id, String(index))
    const started = performance.now()
    await floor.putTask(id, 'step', 1, 1, String(index))
    await floor.finishRun(id, 1, String(index))
    return started
  })
  const runs = load.warmUp + load.runs
  await floor.close(runs, runs)
  return figures
})
