import { Floor, floorRunId } from '../floor/floor.ts'
import { reportFigures } from '../harness/side.ts'

const TASKS = 50

await reportFigures(async ({ folder, load }) => {
  const floor = new Floor(folder)
  const runs = load.warmUp + load.runs
  let ms = 0
  for (let index = 0; index < runs; index += 1) {
    const id = floorRunId(index)
    await floor.createRun(id, String(index))
    const began = performance.now()
    for (let place = 1; place <= TASKS; place += 1)
      await floor.putTask(id, `step ${String(place)}`, place, TASKS, String(place))
    if (index >= load.warmUp) ms += performance.now() - began
    await floor.finishRun(id, TASKS, String(TASKS))
  }
  await floor.close(runs, runs * TASKS)
  return { msPerCommit: ms / load.runs / TASKS }
})
