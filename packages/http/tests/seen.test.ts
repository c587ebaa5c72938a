import { flow, type Seen } from '@perfect/core'
import { ManualClock } from '@perfect/core/testing'
import { createPerfectClient } from '@perfect/http'
import { describe, expect, it } from 'vitest'

import { ended, expectProblem, jsonOf, startApi, type SampleApi } from './sample-api.ts'

const NOON = Date.parse('2026-11-24T12:00:00Z')
const as = (name: string) => ({ authorization: name })
const alerts = [{ on: ['failed'] as const, handler: () => undefined }]

interface Watched extends SampleApi {
  readonly clock: ManualClock
  /** A run of the flow fails. */
  readonly fail: (flowId?: string) => Promise<void>
  readonly seenBy: (name: string) => Promise<Seen>
}

async function start(options: Parameters<typeof startApi>[0] = {}): Promise<Watched> {
  const clock = new ManualClock(NOON)
  const authenticate = ({ headers }: Request) =>
    ({ name: headers.get('authorization') ?? '', scopes: ['read'] }) as const
  const api = await startApi({ authenticate, ...options }, { clock, alerts })
  for (const name of ['Failing', 'Secret'])
    api.engine.registerFlow(
      flow(name, () => {
        throw new Error('no')
      }),
    )
  return {
    ...api,
    clock,
    fail: async (flowId = 'failing') => {
      await ended(api.engine, (await api.engine.triggerFlow(flowId)).id)
    },
    seenBy: async (name) => jsonOf<Seen>(await api.get('/engine/seen', as(name))),
  }
}

describe('what the caller has seen', () => {
  it('is nothing at first, and all up to now after it is marked', async () => {
    const { fail, seenBy, send } = await start()
    await fail()
    const fresh = { until: null, count: 1, isMore: false }
    expect(await seenBy('ann')).toEqual({ failures: fresh, alerts: fresh })
    const marked = await jsonOf<Seen>(await send('PUT', '/engine/seen/failures', {}, as('ann')))
    expect(marked).toEqual({ failures: { until: '2026-11-24T12:00:00.000Z', count: 0, isMore: false }, alerts: fresh })
  })

  it('is counted from the mark of each user', async () => {
    const { fail, seenBy, send, clock } = await start()
    await fail()
    await send('PUT', '/engine/seen/failures', {}, as('ann'))
    await send('PUT', '/engine/seen/alerts', { until: '2026-11-24T12:00:00Z' }, as('ann'))
    await clock.advance(1000)
    await fail()
    await fail()
    expect(await seenBy('ann')).toMatchObject({ failures: { count: 2 }, alerts: { count: 2 } })
    expect(await seenBy('ben')).toMatchObject({ failures: { count: 3, until: null }, alerts: { count: 3 } })
  })

  it('never goes back, nor beyond now', async () => {
    const { seenBy, send } = await start()
    await send('PUT', '/engine/seen/failures', { until: '2999-01-01T00:00:00Z' }, as('ann'))
    expect((await seenBy('ann')).failures.until).toBe('2026-11-24T12:00:00.000Z')
    await send('PUT', '/engine/seen/failures', { until: '2026-01-01T00:00:00Z' }, as('ann'))
    expect((await seenBy('ann')).failures.until).toBe('2026-11-24T12:00:00.000Z')
  })

  it('refuses what is no topic and no time, and keeps nothing', async () => {
    const { send, seenBy } = await start()
    await expectProblem(await send('PUT', '/engine/seen/odd', {}, as('ann')), 'REQUEST_INVALID', 400)
    await expectProblem(
      await send('PUT', '/engine/seen/failures', { until: 'soon' }, as('ann')),
      'REQUEST_INVALID',
      400,
    )
    expect((await seenBy('ann')).failures.until).toBeNull()
  })

  it('counts only flows that the caller may read', async () => {
    const { fail, seenBy } = await start({ permit: ({ flow: id }) => id !== 'secret' })
    await fail()
    await fail('secret')
    expect(await seenBy('ann')).toMatchObject({ failures: { count: 1 }, alerts: { count: 1 } })
  })

  it('is read and marked with the typed client', async () => {
    const { app } = await startApi()
    const client = createPerfectClient('http://localhost', { fetch: async (input, init) => app.request(input, init) })
    const marked = await client.engine.seen[':topic'].$put({ param: { topic: 'alerts' }, json: {} })
    expect(await (await client.engine.seen.$get()).json()).toEqual(await marked.json())
  })
})
