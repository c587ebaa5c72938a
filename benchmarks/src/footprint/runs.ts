import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'

import { flow, task, type Flow, type RunHandle } from '@perfect/core'

import { fileStorage, startEngine, stopEngine } from '../harness/engine.ts'
import { reportFigures } from '../harness/side.ts'
import { heapKib } from './heap.ts'

let release: () => void = () => undefined
let wait: Promise<void> = Promise.resolve()
let running = 0

const hold = task('hold', async (index: number) => {
  running += 1
  await wait
  return index
})
const holding: Flow<number, number> = flow('holding', (index: number) => hold(index))

await reportFigures(async ({ folder, load }) => {
  const storage = fileStorage(mkdtempSync(join(folder, 'runs-')))
  const engine = await startEngine(storage, holding, load.concurrency)
  const trigger = (input: number): Promise<RunHandle> =>
    engine.triggerFlow(holding, { input, configuration: 'release' })
  const end = async (ids: readonly string[]): Promise<void> => {
    release()
    for (const id of ids) while ((await engine.getRun(id)).finishedAt === null) continue
  }
  const ids: string[] = []
  for (let index = 0; index < load.warmUp; index += 1) ids.push((await trigger(index)).id)
  await end(ids)
  wait = new Promise((resolve) => (release = resolve))
  running = 0
  const before = await heapKib()
  const lanes = Array.from({ length: load.runs }, (_, index) => trigger(index).then(({ id }) => id))
  const held = await Promise.all(lanes)
  lanes.length = 0
  while (running < load.runs) await new Promise((resolve) => setTimeout(resolve, 5))
  const kib = ((await heapKib()) - before) / load.runs
  await end(held)
  await stopEngine(engine, storage, load.warmUp + load.runs)
  return { kib }
})
