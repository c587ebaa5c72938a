import { flow } from '@perfect/core'
import type { BulkAnswer, PermitQuestion, SelectionAnswer } from '@perfect/http'
import { describe, expect, it } from 'vitest'

import { ended, expectProblem, jsonOf, startApi, type SampleApi } from '../sample-api.ts'
import { notSecret } from './hidden-flow.ts'

async function failedRuns(api: SampleApi): Promise<readonly string[]> {
  const ids: string[] = []
  for (const name of ['Secret', 'Open']) {
    api.engine.registerFlow(
      flow(name, () => {
        throw new Error(name)
      }),
    )
    ids.push((await ended(api.engine, (await api.engine.triggerFlow(name)).id)).id)
  }
  return ids
}

describe('permit', () => {
  it('hears who asks, for what, of which flow and run, with the request', async () => {
    const asked: PermitQuestion[] = []
    const api = await startApi({
      authenticate: () => ({ name: 'ann', scopes: ['read', 'run'] }),
      permit: (question) => asked.push(question) > 0,
    })
    const { id } = await api.engine.triggerFlow('note')
    await api.post(`/engine/runs/${id}/retry?x=1`)
    expect(asked).toMatchObject([{ principal: { name: 'ann' }, action: 'retry', flow: 'note', run: id }])
    expect(asked[0]?.request.url).toContain('x=1')
  })

  it('refuses when it throws, and the host is told why', async () => {
    const heard: unknown[] = []
    const broken = new Error('the directory is away')
    const { get } = await startApi({
      permit: () => Promise.reject(broken),
      onError: (error) => heard.push(error),
    })
    await expectProblem(await get('/engine/flows/note'), 'FLOW_NOT_PERMITTED', 403)
    expect(heard).toEqual([broken])
    expect(await jsonOf(await get('/engine/flows'))).toMatchObject({ items: [] })
  })

  it('takes nothing but true for a yes', async () => {
    for (const answer of [1, 'yes', {}, undefined, null]) {
      const { get } = await startApi({ permit: () => answer as boolean })
      await expectProblem(await get('/engine/flows/note'), 'FLOW_NOT_PERMITTED', 403)
    }
  })

  it('is asked under the id of a flow, however the flow is named', async () => {
    const { engine, get } = await startApi({ permit: notSecret })
    engine.registerFlow(flow('Hidden thing', { id: 'secret' }, () => 1))
    for (const name of ['secret', 'Hidden%20thing', 'Hidden thing'])
      await expectProblem(await get(`/engine/flows/${name}`), 'FLOW_NOT_PERMITTED', 403)
  })

  it('keeps a rule about a single run where the run is named, and leaves lists to rules about flows', async () => {
    const api = await startApi({ permit: ({ run }) => run === undefined || run !== hidden })
    const hidden = (await api.engine.triggerFlow('note')).id
    await ended(api.engine, hidden)
    for (const path of ['', '/tasks', '/logs', '/journal'])
      await expectProblem(await api.get(`/engine/runs/${hidden}${path}`), 'FLOW_NOT_PERMITTED', 403)
    await expectProblem(await api.get(`/engine/events?topics=run:${hidden}`), 'FLOW_NOT_PERMITTED', 403)
    expect(await jsonOf(await api.get('/engine/runs'))).toMatchObject({ items: [{ id: hidden }] })
    const closed = await startApi({ permit: ({ run }) => run !== undefined })
    const { id } = await closed.engine.triggerFlow('note')
    expect(await jsonOf(await closed.get('/engine/runs'))).toMatchObject({ items: [] })
    expect((await closed.get(`/engine/runs/${id}`)).status).toBe(200)
  })

  it('does not let the refusal of an unknown flow tell which flows there are', async () => {
    const { engine, get } = await startApi({ permit: notSecret })
    engine.registerFlow(flow('Secret', () => 1))
    const { detail } = await expectProblem(await get('/engine/flows/nope'), 'FLOW_NOT_FOUND', 404)
    expect(detail).not.toContain('secret')
  })

  it('is asked for each run of a bulk action', async () => {
    const api = await startApi({ permit: notSecret })
    const [secret = '', open = ''] = await failedRuns(api)
    const made = await jsonOf<SelectionAnswer>(await api.post('/engine/selections', { runIds: [secret, open] }))
    const begun = await api.post(`/engine/selections/${made.selection.id}/remove`)
    let { bulk } = await jsonOf<BulkAnswer>(begun)
    while (bulk.status !== 'done')
      ({ bulk } = await jsonOf<BulkAnswer>(await api.get(begun.headers.get('location') ?? '')))
    expect(bulk).toMatchObject({ done: 1, failed: 1, failures: [{ runId: secret, code: 'FLOW_NOT_PERMITTED' }] })
    expect((await api.engine.getRuns()).items.map(({ id }) => id)).toEqual([secret])
  })

  it('does not let a bulk action on runs of a flow that is gone tell which flows there are', async () => {
    const api = await startApi({ permit: notSecret })
    const [, open = ''] = await failedRuns(api)
    api.engine.unregisterFlow('open')
    const made = await jsonOf<SelectionAnswer>(await api.post('/engine/selections', { runIds: [open] }))
    const begun = await api.post(`/engine/selections/${made.selection.id}/retry`)
    let text = ''
    while (!text.includes('"status":"done"')) text = await (await api.get(begun.headers.get('location') ?? '')).text()
    expect(text).toContain('FLOW_NOT_FOUND')
    expect(text).not.toMatch(/secret/i)
  })

  it('leaves the figures of forbidden flows out of sums', async () => {
    const api = await startApi({ permit: notSecret })
    await failedRuns(api)
    const { items } = await jsonOf<{ items: readonly { runs: { failed: number } }[] }>(
      await api.get('/engine/stats/series'),
    )
    expect(items.at(-1)?.runs.failed).toBe(1)
    const failures = await jsonOf<{ items: readonly { pattern: string }[] }>(await api.get('/engine/failures'))
    expect(failures.items.map(({ pattern }) => pattern)).toEqual(['Open'])
  })

  it('pages through the alerts of the flows that are left', async () => {
    const api = await startApi(
      { permit: notSecret },
      { alerts: [{ on: ['failed'], handler: () => Promise.reject(new Error('not now')) }] },
    )
    await failedRuns(api)
    await ended(api.engine, (await api.engine.triggerFlow('Open')).id)
    await ended(api.engine, (await api.engine.triggerFlow('Secret')).id)
    const flows: string[] = []
    let path: string | null = '/engine/alerts?limit=1'
    while (path !== null) {
      const page: { items: readonly { flowId: string }[]; nextCursor: string | null } = await jsonOf(
        await api.get(path),
      )
      flows.push(...page.items.map(({ flowId }) => flowId))
      path = page.nextCursor === null ? null : `/engine/alerts?limit=1&cursor=${page.nextCursor}`
    }
    expect(flows).toEqual(['open', 'open'])
  })
})
