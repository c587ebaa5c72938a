import { setTimeout } from 'node:timers/promises'

import { flow, type Flow } from '@perfect/core'

import { fileStorage, runOnce, startEngine } from '../harness/engine.ts'
import { reportFigures } from '../harness/side.ts'

// Whatever an engine begins with has begun by then.
const SETTLE_MS = 1000

const sleeper: Flow<number, number> = flow('sleeper', (index: number) => Promise.resolve(index))

await reportFigures(async ({ folder, load }) => {
  const began = performance.now()
  const storage = fileStorage(folder)
  const engine = await startEngine(storage, sleeper, load.concurrency)
  const startMs = performance.now() - began
  if ((await runOnce(engine, sleeper, 7)) !== 7) throw new Error('The engine runs nothing.')
  const firstRunMs = performance.now() - began
  await setTimeout(SETTLE_MS)
  const rssMib = process.memoryUsage.rss() / 1024 ** 2
  const { waiting } = await storage.stats.counts()
  await engine.stop()
  if (waiting !== load.runs) throw new Error(`${String(waiting)} runs sleep instead of ${String(load.runs)}.`)
  return { startMs, firstRunMs, rssMib }
})
