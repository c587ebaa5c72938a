import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleepMs } from 'node:timers/promises'

import { flow, FlowEngine, map, task } from '@perfect/core'
import { sqliteStorage } from '@perfect/core/sqlite'
import { interceptStorage } from '@perfect/core/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const LIMIT = 10
const CALLS = 100
const TASK_MS = 10

let folder: string
const engines: FlowEngine[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perfect-limit-'))
})
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.stop({ drainMs: 0 })))
  await rm(folder, { recursive: true, force: true })
})

/** What happens in all engines. */
class Watch {
  running = 0
  most = 0
  done = 0
  asked = 0
  refused = 0

  async work(): Promise<void> {
    this.most = Math.max(this.most, ++this.running)
    await sleepMs(TASK_MS)
    this.running--
    this.done++
  }
}

async function startEngine(watch: Watch) {
  const storage = interceptStorage(sqliteStorage(join(folder, 'perfect.db')), async ({ changes }, proceed) => {
    const answer = await proceed()
    for (const [index, change] of changes?.entries() ?? [])
      if (change.type === 'slots.take') {
        watch.asked++
        if (!(answer as { accepted: boolean }[])[index]?.accepted) watch.refused++
      }
    return answer
  })
  const call = task('call', { concurrency: LIMIT }, () => watch.work())
  const fan = flow('fan', async (count: number) => {
    await map('calls', Array.from({ length: count }), () => call())
  })
  const engine = new FlowEngine({ storage, parkAfterMs: 600_000 })
  engines.push(engine)
  engine.registerFlow(fan)
  await engine.start()
  return { engine, fan }
}

describe('a limit that two engines on one file share', () => {
  it('is used fully and never exceeded, and nobody asks for places that are not there', async () => {
    const watch = new Watch()
    const [one, other] = [await startEngine(watch), await startEngine(watch)]
    const startedAt = performance.now()
    const runs = [await one.engine.triggerFlow(one.fan, { input: CALLS })]
    runs.push(await other.engine.triggerFlow(other.fan, { input: CALLS }))
    await Promise.all(runs.map((run) => run.result()))
    const tookMs = performance.now() - startedAt
    expect(watch.done).toBe(2 * CALLS)
    expect(watch.most).toBe(LIMIT)
    // One by one it would take 2 s at the least, and with a place taken up twice a second 10 s.
    expect(tookMs).toBeLessThan(5000)
    expect(watch.asked).toBeLessThan(4 * CALLS)
  }, 20_000)

  it('lets the call of an engine start soon after the other engine has given the place back', async () => {
    const watch = new Watch()
    const [one, other] = [await startEngine(watch), await startEngine(watch)]
    const long = await one.engine.triggerFlow(one.fan, { input: 5 * LIMIT })
    const late = await other.engine.triggerFlow(other.fan, { input: 1 })
    await long.result()
    const endedAt = performance.now()
    await late.result()
    expect(performance.now() - endedAt).toBeLessThan(500)
    expect(watch.refused).toBeLessThan(LIMIT * 6)
  }, 20_000)
})
