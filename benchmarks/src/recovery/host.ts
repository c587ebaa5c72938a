// A host with an engine: the first one triggers the runs and is killed, the second one finds them.
import { setTimeout } from 'node:timers/promises'

import { current, flow, task, type Flow } from '@perfect/core'

import type { Load } from '../harness/comparison.ts'
import { fileStorage, startEngine, stopEngine } from '../harness/engine.ts'
import type { Message } from './engine.ts'

const TASK_MS = 50
const LOOK_MS = 10

const tell = (message: Message): boolean | undefined => process.send?.(message)

async function work(index: number): Promise<number> {
  const { runId, key } = current()
  tell({ task: `${runId} ${key}` })
  await setTimeout(TASK_MS)
  return index + 1
}

const first = task('first', work)
const second = task('second', work)
const third = task('third', work)
const slow: Flow<number, number> = flow('slow', async (index: number) => third(await second(await first(index))))

const { folder, load, isFirst } = JSON.parse(process.argv[2] ?? '') as {
  readonly folder: string
  readonly load: Load
  readonly isFirst: boolean
}
const storage = fileStorage(folder)
const engine = await startEngine(storage, slow, load.concurrency)
if (isFirst) {
  const triggers = Array.from({ length: load.runs }, (_, input) =>
    engine.triggerFlow(slow, { input, configuration: 'release' }),
  )
  await Promise.all(triggers)
}
while (((await storage.stats.counts()).succeeded ?? 0) < load.runs) await setTimeout(LOOK_MS)
tell('ended')
await stopEngine(engine, storage, load.runs)
process.disconnect()
