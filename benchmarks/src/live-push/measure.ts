import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { constants, setPriority } from 'node:os'
import { fileURLToPath } from 'node:url'

import { FlowEngine, flow, step } from '@perfect/core'
import { serve } from '@perfect/http/node'

import type { Figures } from '../harness/comparison.ts'
import { fileStorage } from '../harness/engine.ts'
import type { Task } from '../harness/side.ts'
import { quantile } from '../harness/statistics.ts'
import { watchLoopDelay } from '../harness/throughput.ts'
import type { Following, Heard } from './readers.ts'

// A step of a busy run makes 2 events of its task and 1 or 2 of its run: 100 runs make 900 a second with this pace, and the runs beside them the rest.
const BUSY_RUNS = 100
const STEP_MS = 400
const IDLE_PER_BUSY = 10
// One run after the other, so that a delay of the engine is seen and not a queue.
const PROBE_EVERY_MS = 40

const probe = flow('probe', async () => {
  for (const name of ['a', 'b', 'c']) await step(name, () => 1)
})

const busy = flow('busy', async (stop: number) => {
  for (let index = 0; Date.now() < stop; index += 1)
    await step(`step ${String(index)}`, () => new Promise((resolve) => setTimeout(resolve, STEP_MS)))
})

/** Measures runs beside the busy ones, and when those who follow hear of them. */
export async function measureLive({ folder, load }: Task, { isFollowed }: { isFollowed: boolean }): Promise<Figures> {
  const engine = new FlowEngine({ storage: fileStorage(folder), concurrency: BUSY_RUNS + 8 })
  engine.registerFlow(probe)
  engine.registerFlow(busy)
  await engine.start()
  const server = await serve(engine, { port: 0 })
  const lastsMs = (load.warmUp + load.runs) * PROBE_EVERY_MS
  const connectMs = isFollowed ? load.concurrency * 20 : 0
  const runIds = await startBusy(engine, Date.now() + connectMs + lastsMs)
  const before = process.memoryUsage.rss()
  const readers = isFollowed ? await follow({ port: server.port, runIds, busy: load.concurrency }) : null
  const readersMiB = (process.memoryUsage.rss() - before) / 2 ** 20
  await probes(engine, load.warmUp)
  readers?.send('begin')
  const first = lastNumber(engine)
  const began = performance.now()
  const endWatch = watchLoopDelay()
  const cpu = process.cpuUsage()
  const times = await probes(engine, load.runs)
  const seconds = (performance.now() - began) / 1000
  const { user, system } = process.cpuUsage(cpu)
  const loopDelayP99Ms = endWatch()
  const heard = readers ? await report(readers) : null
  const figures = {
    runP50Ms: quantile(times, 0.5),
    runP99Ms: quantile(times, 0.99),
    eventsPerSecond: (lastNumber(engine) - first) / seconds,
    cpuShare: (user + system) / 1e6 / seconds,
    loopDelayP99Ms,
    toReaderP50Ms: heard?.p50Ms ?? 0,
    toReaderP99Ms: heard?.p99Ms ?? 0,
    messagesPerSecond: (heard?.messages ?? 0) / seconds,
    readersMiB,
  }
  readers?.kill()
  await server.close()
  await engine.stop({ drainMs: 0 })
  return figures
}

async function startBusy(engine: FlowEngine, stop: number): Promise<readonly string[]> {
  const ids: string[] = []
  for (let index = 0; index < BUSY_RUNS; index += 1) {
    ids.push((await engine.triggerFlow(busy, { input: stop, configuration: 'release' })).id)
    // Spread over the pace of their steps.
    await new Promise((resolve) => setTimeout(resolve, STEP_MS / BUSY_RUNS))
  }
  return ids
}

async function probes(engine: FlowEngine, count: number): Promise<readonly number[]> {
  const times: number[] = []
  for (let index = 0; index < count; index += 1) {
    const began = performance.now()
    const handle = await engine.triggerFlow(probe, { configuration: 'release' })
    await handle.result()
    const tookMs = performance.now() - began
    times.push(tookMs)
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, PROBE_EVERY_MS - tookMs)))
  }
  return times
}

async function follow(load: Pick<Following, 'port' | 'runIds' | 'busy'>): Promise<ChildProcess> {
  const readers = fork(fileURLToPath(new URL('readers.ts', import.meta.url)), {
    execArgv: ['--conditions=@perfect/source'],
  })
  // Readers of a real server use the cores of their own machines: here they get what the server leaves.
  if (readers.pid !== undefined) setPriority(readers.pid, constants.priority.PRIORITY_LOW)
  readers.send({ ...load, idle: load.busy * IDLE_PER_BUSY } satisfies Following)
  const [message] = (await once(readers, 'message')) as [unknown]
  if (message !== 'connected') throw new Error('The readers did not connect.')
  return readers
}

async function report(readers: ChildProcess): Promise<Heard> {
  readers.send('report')
  const [heard] = (await once(readers, 'message')) as [Heard]
  return heard
}

function lastNumber(engine: FlowEngine): number {
  return Number(engine.events.lastId.split(':')[1])
}
