import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

import type { Load } from '../harness/comparison.ts'
import { fileStorage } from '../harness/engine.ts'
import { reportFigures } from '../harness/side.ts'

const TASKS = 3

/** What a process of runs tells: the task that starts, or that all runs have ended. */
export type Message = { readonly task: string } | 'ended'

function startHost(folder: string, load: Load, isFirst: boolean): ChildProcess {
  const job = JSON.stringify({ folder, load, isFirst })
  return fork(fileURLToPath(new URL('host.ts', import.meta.url)), [job], {
    execArgv: ['--conditions=@perfect/source'],
  })
}

/** Tasks that have their checkpoint. */
async function recordedTasks(folder: string, runs: number): Promise<ReadonlySet<string>> {
  const storage = fileStorage(folder)
  await storage.open()
  const found = await storage.runs.list({ limit: runs })
  const records = await Promise.all(found.map(({ id }) => storage.tasks.list(id)))
  await storage.close()
  return new Set(
    records.flat().flatMap(({ status, runId, key }) => (status === 'succeeded' ? [`${runId} ${key}`] : [])),
  )
}

await reportFigures(async ({ folder, load }) => {
  const started = new Set<string>()
  const victim = startHost(folder, load, true)
  victim.on('message', (message: Message) => {
    if (message === 'ended') throw new Error('All runs had ended before the kill.')
    started.add(message.task)
    if (started.size >= (load.runs * TASKS) / 2) victim.kill('SIGKILL')
  })
  await once(victim, 'exit')
  const recorded = await recordedTasks(folder, load.runs)

  const began = performance.now()
  const survivor = startHost(folder, load, false)
  const again: string[] = []
  let seconds = NaN
  survivor.on('message', (message: Message) => {
    if (message === 'ended') seconds = (performance.now() - began) / 1000
    else again.push(message.task)
  })
  const [code] = (await once(survivor, 'exit')) as [number | null]
  if (code !== 0) throw new Error('The new process did not end all runs.')
  return {
    seconds,
    repeatedAfterEnd: again.filter((task) => recorded.has(task)).length,
    repeatedInFlight: again.filter((task) => started.has(task) && !recorded.has(task)).length,
  }
})
