import type { LogView, Page } from '@perfect/core'
import { describe, expect, it } from 'vitest'

import { expectProblem, jsonOf, startApi, type SampleApi } from './sample-api.ts'

async function endlessRun({ engine }: SampleApi): Promise<string> {
  return (await engine.triggerFlow('endless')).id
}

async function messages(api: SampleApi, path: string): Promise<string[]> {
  return (await jsonOf<Page<LogView>>(await api.get(path))).items.map(({ message }) => message)
}

describe('POST /engine/runs/:runId/logs', () => {
  it('adds a line, or several of any form', async () => {
    const api = await startApi()
    const id = await endlessRun(api)
    const one = await api.post(`/engine/runs/${id}/logs`, { log: 'first' })
    expect([one.status, await jsonOf(one)]).toEqual([202, { accepted: 1, firstSeq: 1 }])
    const fields = { page: 1 }
    const lines = ['second', { message: 'third', level: 'warn', task: 'wait#1', at: 0, fields }]
    expect(await jsonOf(await api.post(`/engine/runs/${id}/logs`, { lines }))).toEqual({ accepted: 2, firstSeq: 2 })
    const { items } = await jsonOf<Page<LogView>>(await api.get(`/engine/runs/${id}/logs`))
    expect(items).toMatchObject([
      { seq: 1, message: 'first', level: 'info', task: null, fields: null },
      { seq: 2, message: 'second' },
      { seq: 3, message: 'third', level: 'warn', task: 'wait#1', at: '1970-01-01T00:00:00.000Z', fields },
    ])
  })

  it.each([
    ['REQUEST_INVALID', {}],
    ['REQUEST_INVALID', { log: 'a', lines: ['b'] }],
    ['REQUEST_INVALID', { log: 1 }],
    ['REQUEST_INVALID', { lines: [{ message: 'a', level: 'loud' }] }],
    ['LOG_INVALID', { lines: [] }],
    ['LOG_INVALID', { lines: [{ message: 'a', at: 8.7e15 }] }],
  ])('refuses with %s: %j', async (code, body) => {
    const api = await startApi()
    const id = await endlessRun(api)
    await expectProblem(await api.post(`/engine/runs/${id}/logs`, body), code, 400)
    expect(await messages(api, `/engine/runs/${id}/logs`)).toEqual([])
  })

  it('refuses a run that does not exist, and a request without a body', async () => {
    const { post } = await startApi()
    await expectProblem(await post('/engine/runs/run_nope/logs', { log: 'a' }), 'RUN_NOT_FOUND', 404)
    await expectProblem(await post('/engine/runs/run_nope/logs'), 'REQUEST_MALFORMED', 400)
  })
})

describe('GET /engine/runs/:runId/logs', () => {
  it('filters by number, level, task and text', async () => {
    const api = await startApi()
    const id = await endlessRun(api)
    await api.engine.addFlowLog(id, ['one', { message: 'two', level: 'error', task: 'wait#1' }, 'three'])
    const list = (query: string) => messages(api, `/engine/runs/${id}/logs?${query}`)
    expect(await list('after=1')).toEqual(['two', 'three'])
    expect(await list('before=3&limit=1')).toEqual(['two'])
    expect(await list('level=warn')).toEqual(['two'])
    expect(await list('task=wait%231')).toEqual(['two'])
    expect(await list('q=thre')).toEqual(['three'])
  })

  it('gives pages whose links go on in the direction of reading', async () => {
    const api = await startApi()
    const id = await endlessRun(api)
    await api.engine.addFlowLog(id, ['one', 'two', 'three'])
    const next = async (path: string) => /^<([^>]+)>/.exec((await api.get(path)).headers.get('link') ?? '')?.[1] ?? ''
    const base = `/engine/runs/${id}/logs`
    expect(await next(`${base}?limit=2`)).toBe(`${base}?limit=2&after=2`)
    expect(await next(`${base}?before=4&limit=2`)).toBe(`${base}?before=2&limit=2`)
    expect(await messages(api, await next(`${base}?limit=2`))).toEqual(['three'])
  })

  it('refuses a run that does not exist, and parameters out of range', async () => {
    const { get } = await startApi()
    await expectProblem(await get('/engine/runs/run_nope/logs'), 'RUN_NOT_FOUND', 404)
    for (const query of ['limit=1001', 'after=-1', 'before=x', 'level=loud'])
      await expectProblem(await get(`/engine/runs/run_nope/logs?${query}`), 'REQUEST_INVALID', 400)
  })
})
