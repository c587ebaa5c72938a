import { flow, type FlowEngine } from '@perfect/core'
import { describe, expect, it } from 'vitest'

import type { Overview } from '../src/schema/overview-schemas.ts'
import { ended, jsonOf, startApi } from './sample-api.ts'

const EMPTY = { scheduled: 0, queued: 0, running: 0, waiting: 0, retrying: 0, succeeded: 0, failed: 0, cancelled: 0 }

/** The id of a run that has failed. */
async function failedRun(engine: FlowEngine): Promise<string> {
  const { id } = await engine.triggerFlow('failing')
  await ended(engine, id)
  return id
}

const failing = flow('Failing', () => {
  throw new Error('no')
})

describe('the overview', () => {
  it('of a new engine is empty', async () => {
    const { get } = await startApi()
    expect(await jsonOf<Overview>(await get('/engine/overview'))).toMatchObject({
      counts: EMPTY,
      running: [],
      isMoreRunning: false,
      schedules: [],
      workers: [],
      failures: [],
    })
  })

  it('counts all runs, and shows those that run and those that failed, the newest first', async () => {
    const { engine, get } = await startApi()
    engine.registerFlow(failing)
    const failed = []
    for (let count = 0; count < 12; count++) failed.push(await failedRun(engine))
    const { id } = await engine.triggerFlow('endless')
    const overview = await jsonOf<Overview>(await get('/engine/overview'))
    expect(overview.counts).toEqual({ ...EMPTY, running: 1, failed: 12 })
    expect(overview.failures.map((run) => run.id)).toHaveLength(10)
    expect(failed).toEqual(expect.arrayContaining(overview.failures.map((run) => run.id)))
    expect(overview.running).toMatchObject([{ id, progress: { percent: 0 } }])
  })

  it('shows the schedules that come next, the next one first', async () => {
    const { engine, get } = await startApi()
    await engine.schedules.create({ flowId: 'note', id: 'later', at: '2099-01-02T00:00:00Z' })
    await engine.schedules.create({ flowId: 'note', id: 'soon', at: '2099-01-01T00:00:00Z' })
    await engine.schedules.create({ flowId: 'note', id: 'never', every: '1h' })
    await engine.schedules.pause('note:never')
    const { schedules } = await jsonOf<Overview>(await get('/engine/overview'))
    expect(schedules.map(({ id }) => id)).toEqual(['note:soon', 'note:later'])
  })

  it('gives the event from which a stream misses nothing', async () => {
    const { engine, get } = await startApi()
    const { lastEventId } = await jsonOf<Overview>(await get('/engine/overview'))
    const run = await engine.triggerFlow('note')
    await ended(engine, run.id)
    expect(engine.events.since(lastEventId)?.[0]).toMatchObject({ type: 'run.triggered', data: { id: run.id } })
  })

  it('gives no counts to whom some flow is hidden, and all to whom none is', async () => {
    const hidden = await startApi({ permit: (asked) => asked.flow !== 'failing' })
    hidden.engine.registerFlow(failing)
    await failedRun(hidden.engine)
    expect(await jsonOf(await hidden.get('/engine/overview'))).toMatchObject({ counts: null, failures: [] })
    const open = await startApi({ permit: () => true })
    expect(await jsonOf(await open.get('/engine/overview'))).toMatchObject({ counts: EMPTY })
  })
})
