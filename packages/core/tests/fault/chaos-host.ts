/* One of several hosts that share an SQLite file until it is killed: triggers all runs by their keys, runs what it can take, and keeps a diary. */
import { appendFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'

import { current, flow, FlowEngine, map, sleep, step } from '@perfect/core'
import { sqliteStorage } from '@perfect/core/sqlite'

const [database = '', diary = '', runs = '0'] = process.argv.slice(2)

const write = (entry: Readonly<Record<string, unknown>>): void => appendFileSync(diary, `${JSON.stringify(entry)}\n`)

async function work(value: number, epoch: number): Promise<number> {
  const { runId, key } = current()
  write({ started: key, runId, epoch })
  await pause(100 + Math.random() * 500)
  return value + 1
}

const shared = flow('shared', async (seed: number) => {
  // Of the flow it is the number of the claim.
  const { attempt: epoch } = current()
  const first = await step('seed', () => seed)
  await sleep(100)
  const parts = await map('parts', [1, 2, 3], (n) => step('work', () => work(first * n, epoch)))
  return parts.reduce((total, n) => total + n, 0)
})

const engine = new FlowEngine({
  storage: sqliteStorage(database),
  leaseMs: 700,
  concurrency: 8,
  onError: () => undefined,
})
engine.on('task.updated', ({ runId, task: { key, status } }) => {
  if (status === 'succeeded') write({ recorded: key, runId })
})
engine.on('run.updated', ({ id: runId, status, epoch, progress: { percent } }) =>
  write({ runId, status, epoch, percent, pid: process.pid }),
)
engine.registerFlow(shared)

/** A host does not give up because the file is busy. */
async function persist(act: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await act()
      return
    } catch {
      await pause(50)
    }
  }
}

await engine.start()
write({ ready: true })
for (let seed = 0; seed < Number(runs); seed++)
  await persist(() => engine.triggerFlow(shared, { input: seed, idempotencyKey: `run ${String(seed)}` }))
write({ triggered: true })
// Ends only by being killed.
await pause(600_000)
