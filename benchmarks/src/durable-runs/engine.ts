// Perfect itself: the same runs as the floor's, through the public API, with the engine's defaults.
import { join } from 'node:path'

import { flow, FlowEngine, task, type Flow } from '@perfect/core'
import { sqliteStorage } from '@perfect/core/sqlite'

import { reportMeasurement, type Load, type Side } from '../harness/measure.ts'

const first = task('first', (index: number) => Promise.resolve(index))
const second = task('second', (index: number) => Promise.resolve(index + 1))
const third = task('third', (index: number) => Promise.resolve(index + 1))

const threeTasks: Flow<number, number> = flow(
  'three tasks',
  async (index: number) => (await third(await second(await first(index)))) + 1,
)

async function openEngine(folder: string, load: Load): Promise<Side> {
  const storage = sqliteStorage(join(folder, 'engine.db'), { durability: 'full' })
  const engine = new FlowEngine({ storage, concurrency: load.concurrency })
  engine.registerFlow(threeTasks)
  await engine.start()
  return {
    run: async (index) => {
      const handle = await engine.triggerFlow(threeTasks, { input: index, configuration: 'release' })
      const result = await handle.result()
      if (result !== index + 3)
        throw new Error(`Run ${handle.id} gave ${String(result)} instead of ${String(index + 3)}.`)
    },
    close: async (runs) => {
      const { succeeded } = await storage.stats.counts()
      await engine.stop()
      if (succeeded !== runs) throw new Error(`The engine stored ${String(succeeded)} runs instead of ${String(runs)}.`)
    },
  }
}

await reportMeasurement(openEngine)
