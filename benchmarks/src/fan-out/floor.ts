import { Floor, floorRunId } from '../floor/floor.ts'
import { reportFigures } from '../harness/side.ts'

const TASKS = 100

await reportFigures(async ({ folder, load }) => {
  const floor = new Floor(folder)
  const runs = load.warmUp + load.runs
  let began = performance.now()
  for (let index = 0; index < runs; index += 1) {
    if (index === load.warmUp) began = performance.now()
    const id = floorRunId(index)
    await floor.createRun(id, String(index))
    await Promise.all(
      Array.from({ length: TASKS }, (_, place) =>
        floor.putTask(id, `step ${String(place)}`, place + 1, TASKS, String(place)),
      ),
    )
    await floor.finishRun(id, TASKS, String(TASKS))
  }
  const msPerRun = (performance.now() - began) / load.runs
  await floor.close(runs, runs * TASKS)
  return { msPerRun }
})
