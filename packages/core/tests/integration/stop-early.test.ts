import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'

import { current, flow, FlowEngine, memoryStorage, PerfectError, step } from '@perfect/core'
import { sqliteStorage } from '@perfect/core/sqlite'
import { interceptStorage } from '@perfect/core/testing'
import { expect, it } from 'vitest'

import { ManualClock } from '../../src/testing/manual-clock.ts'

it('an engine that is stopped right after its start gives back what it has claimed, and reports nothing', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'perfect-stop-'))
  const reports: unknown[] = []
  const work = flow('work', () => step('do', () => 1))
  const start = async (options: { readonly concurrency?: number }): Promise<FlowEngine> => {
    const storage = sqliteStorage(join(folder, 'perfect.db'))
    const engine = new FlowEngine({ storage, onError: (error, doing) => reports.push([doing, error]), ...options })
    engine.registerFlow(work)
    await engine.start()
    return engine
  }
  const first = await start({ concurrency: 1 })
  for (let index = 0; index < 60; index++) await first.triggerFlow(work, { delay: 1 })
  await first.stop()
  for (let turns = 0; turns < 12; turns++) {
    const engine = await start({})
    for (let waited = 0; waited < turns; waited++) await turn()
    await engine.stop({ drainMs: 0 })
  }
  expect(reports).toEqual([])
  const last = await start({})
  await expect.poll(async () => (await last.getRuns({ statuses: ['succeeded'], limit: 100 })).items.length).toBe(60)
  await last.stop()
  await rm(folder, { recursive: true, force: true })
})

it('an engine that is stopped while it looks for requests of other processes reports nothing', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'perfect-stop-'))
  const clock = new ManualClock()
  const mayAnswer = Promise.withResolvers<undefined>()
  let looks = 0
  let isHeld = false
  const storage = interceptStorage(sqliteStorage(join(folder, 'perfect.db'), { clock }), async ({ name }, proceed) => {
    if (name === 'runs.requested') looks++
    // A later look reads each run that was held at the one before.
    if (name !== 'runs.get' || looks < 2) return proceed()
    const answer = await proceed()
    isHeld = true
    await mayAnswer.promise
    return answer
  })
  const reports: unknown[] = []
  const engine = new FlowEngine({ storage, clock, onError: (error, doing) => reports.push([doing, error]) })
  engine.registerFlow(flow('endless', () => step('wait', () => new Promise(() => undefined))))
  for (let count = 0; count < 2; count++) await engine.triggerFlow('endless')
  await expect.poll(async () => (await clock.advance(1000), isHeld)).toBe(true)
  const stopped = engine.stop({ drainMs: 0 })
  await expect.poll(async () => (await clock.advance(1000), engine.state)).toBe('stopped')
  await stopped
  mayAnswer.resolve(undefined)
  await turn()
  await turn()
  expect(reports).toEqual([])
  await rm(folder, { recursive: true, force: true })
})

it('log lines whose commit has failed while the run ended are stored after all', async () => {
  const finished = Promise.withResolvers<undefined>()
  let failures = 0
  const storage = interceptStorage(memoryStorage(), async ({ changes }, proceed) => {
    const types = changes?.map(({ type }) => type) ?? []
    if (types.length > 0 && types.every((type) => type === 'log.append') && failures++ === 0) {
      await finished.promise
      throw new PerfectError('STORAGE_UNAVAILABLE', 'lost', { details: {} })
    }
    const answer = await proceed()
    if (types.includes('run.finish')) finished.resolve(undefined)
    return answer
  })
  const engine = new FlowEngine({ storage })
  const talk = flow('talk', async () => {
    current().log.info('said')
    // Longer than lines are gathered.
    await new Promise((resolve) => setTimeout(resolve, 400))
  })
  engine.registerFlow(talk)
  const run = await engine.triggerFlow(talk, { configuration: 'debug' })
  await run.result()
  const messages = async () => (await engine.getLogs(run.id)).items.map(({ message }) => message)
  await expect.poll(messages).toContain('said')
  expect(failures).toBeGreaterThan(0)
  await engine.stop()
})
