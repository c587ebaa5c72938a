/* A host that the test kills: runs 20 runs of a flow on an SQLite file, and tells of every start of a task and of all progress. */
import { appendFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'

import { current, flow, FlowEngine, map, step, task } from '@perfect/core'
import { sqliteStorage } from '@perfect/core/sqlite'

const [database = '', diary = '', mode = 'start'] = process.argv.slice(2)

const write = (entry: Readonly<Record<string, unknown>>): void => appendFileSync(diary, `${JSON.stringify(entry)}\n`)

const work = task('work', { estimatedTime: 200 }, async (value: number) => {
  const { runId, key } = current()
  write({ started: key, runId })
  await pause(100 + Math.random() * 100)
  return value + 1
})

const sturdy = flow(
  'sturdy',
  {
    plan: [
      { name: 'work', weight: 4 },
      { name: 'sum', weight: 1 },
    ],
  },
  async (seed: number) => {
    const first = await work(seed)
    const parts = await map('parts', [1, 2, 3], (n) => work(first * n))
    return step('sum', () => {
      write({ started: current().key, runId: current().runId })
      return parts.reduce((total, n) => total + n, 0)
    })
  },
)

const engine = new FlowEngine({ storage: sqliteStorage(database) })
engine.on('run.updated', ({ id, progress, status }) => write({ runId: id, percent: progress.percent, status }))
engine.registerFlow(sturdy)
await engine.start()
if (mode === 'start')
  await Promise.all(Array.from({ length: 20 }, (_, seed) => engine.triggerFlow(sturdy, { input: seed })))
write({ ready: true })
for (;;) {
  const { items } = await engine.getRuns({ limit: 200 })
  if (items.every(({ finishedAt }) => finishedAt !== null)) break
  await pause(20)
}
await engine.stop()
