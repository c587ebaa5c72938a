/* Monitoring on a schedule: measures this process and its machine once a minute. */
import { statfs } from 'node:fs/promises'
import { freemem, loadavg, totalmem } from 'node:os'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'

import { all, current, flow, step, task, type Flow } from '@perfect/core'

const MEASURE_MS = 500
const BUSY_LOOP_MS = 50
const FULL_DISK = 0.95

const measureLoop = task('event loop', { weight: 3, estimatedTime: MEASURE_MS }, async () => {
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  await pause(MEASURE_MS, undefined, { signal: current().signal })
  delay.disable()
  return Math.round(delay.percentile(99) / 1e4) / 100
})

const measureDisk = task('disk', async () => {
  const { blocks, bavail } = await statfs('.')
  return blocks === 0 ? 0 : 1 - bavail / blocks
})

const measureMemory = task('memory', () => ({
  rssMb: Math.round(process.memoryUsage.rss() / 1e6),
  freeShare: Math.round((freemem() / totalmem()) * 100) / 100,
  load: loadavg()[0] ?? 0,
}))

/** Measures the host once a minute and warns when something is close to its limit. */
export const watchHost: Flow<void, unknown> = flow(
  'Watch host',
  {
    description: 'Event loop delay, disk and memory of this machine, once a minute.',
    tags: ['example', 'monitoring'],
    schedule: '* * * * *',
    plan: [measureLoop, measureDisk, measureMemory, { name: 'judge', weight: 1 }],
  },
  async () => {
    const { loopMs, disk, memory } = await all({ loopMs: measureLoop, disk: measureDisk, memory: measureMemory })
    return step('judge', () => {
      const { log } = current()
      if (loopMs > BUSY_LOOP_MS) log.warn(`the event loop was held up: p99 ${String(loopMs)} ms`)
      if (disk > FULL_DISK) log.warn(`the disk is ${(disk * 100).toFixed(1)} % full`)
      log.info(
        `event loop p99 ${String(loopMs)} ms, disk ${(disk * 100).toFixed(1)} %, ${String(memory.rssMb)} MB in use`,
      )
      return { loopMs, disk, ...memory }
    })
  },
)
