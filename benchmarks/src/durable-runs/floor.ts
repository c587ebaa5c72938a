import { Floor, floorRunId } from '../floor/floor.ts'
import { reportFigures } from '../harness/side.ts'
import { measureThroughput } from '../harness/throughput.ts'

const TASKS = ['first', 'second', 'third']

// Each run waits for its row, then for each of its three tasks, then for its end, as a durable run must.
await reportFigures(({ folder, load }) => {
  const floor = new Floor(folder)
  const run = async (index: number): Promise<void> => {
    const id = floorRunId(index)
    await floor.createRun(id, String(index))
    for (const [position, name] of TASKS.entries())
      await floor.putTask(id, name, position + 1, TASKS.length, String(index + position))
    await floor.finishRun(id, TASKS.length, String(index + TASKS.length))
  }
  return measureThroughput({ run, close: (runs) => floor.close(runs, runs * TASKS.length) }, load)
})
