import type { Page, RunDetailView, RunPage, RunView, TaskView } from '@perfect/core'
import { fromTaskColumns, type RunAnswer, type TaskColumns } from '@perfect/http'
import { describe, expect, it } from 'vitest'

import { ended, expectProblem, jsonOf, startApi, type SampleApi } from './sample-api.ts'

async function trigger({ post }: SampleApi, flowId: string, body?: unknown, headers?: Record<string, string>) {
  const response = await post(`/engine/trigger/${flowId}`, body, headers)
  expect(response.status).toBe(202)
  return (await jsonOf<RunAnswer>(response)).run
}

describe('POST /engine/trigger/:flowId', () => {
  it('starts a run and says where it is found', async () => {
    const { get, post, engine } = await startApi()
    const response = await post('/engine/trigger/add', { configuration: 'debug', input: { a: 1, b: 2 } })
    const { run } = await jsonOf<RunAnswer>(response)
    expect(response.status).toBe(202)
    expect(run).toMatchObject({ flowId: 'add', configuration: 'debug', trigger: { kind: 'api', by: null } })
    expect(response.headers.get('location')).toBe(`/engine/runs/${run.id}`)
    await ended(engine, run.id)
    const detail = await jsonOf<RunDetailView>(await get(response.headers.get('location') ?? ''))
    expect(detail).toMatchObject({ run: { status: 'succeeded' }, input: { a: 1, b: 2 }, result: 3 })
    expect(detail.tasks).toMatchObject([{ key: 'sum#1', status: 'succeeded' }])
  })

  it('needs no body, whatever its content type', async () => {
    const api = await startApi()
    expect(await trigger(api, 'note')).toMatchObject({ configuration: 'development' })
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    expect(await trigger(api, 'note', '', form)).toMatchObject({ configuration: 'development' })
  })

  it('gives the same run for the same idempotency key, in the header or in the body', async () => {
    const api = await startApi()
    const first = await trigger(api, 'note', undefined, { 'idempotency-key': 'k1' })
    const quoted = await trigger(api, 'note', {}, { 'idempotency-key': '"k1"' })
    const inBody = await trigger(api, 'note', { idempotencyKey: 'k1' })
    expect([quoted.id, inBody.id]).toEqual([first.id, first.id])
    expect((await api.engine.getRuns()).items).toHaveLength(1)
  })

  it.each([
    ['FLOW_NOT_FOUND', 404, 'nope', {}],
    ['CONFIGURATION_INVALID', 400, 'note', { configuration: 'fast' }],
    ['INPUT_INVALID', 422, 'add', { input: { a: 1, b: 'two' } }],
    ['REQUEST_INVALID', 400, 'note', { configuration: 1 }],
    ['REQUEST_INVALID', 400, 'note', { idempotencyKey: '' }],
    ['REQUEST_INVALID', 400, 'note', []],
  ])('refuses with %s and starts nothing', async (code, status, flowId, body) => {
    const { engine, post } = await startApi()
    await expectProblem(await post(`/engine/trigger/${flowId}`, body), code, status)
    expect((await engine.getRuns()).items).toEqual([])
  })

  it('says where the input does not fit', async () => {
    const { post } = await startApi()
    const response = await post('/engine/trigger/add', { input: { a: 1, b: 'two' } })
    const problem = await expectProblem(response, 'INPUT_INVALID', 422)
    expect(problem.errors).toMatchObject([{ pointer: '/b' }])
  })

  it('refuses an idempotency key that belongs to another request', async () => {
    const api = await startApi()
    await trigger(api, 'note', { idempotencyKey: 'k1' })
    const other = { idempotencyKey: 'k1', configuration: 'debug' }
    await expectProblem(await api.post('/engine/trigger/note', other), 'IDEMPOTENCY_MISMATCH', 422)
    const differs = await api.post('/engine/trigger/note', { idempotencyKey: 'a' }, { 'idempotency-key': 'b' })
    await expectProblem(differs, 'REQUEST_INVALID', 400)
  })

  it('refuses with a time to come back once the engine has stopped', async () => {
    const { engine, post } = await startApi()
    await engine.stop()
    const response = await post('/engine/trigger/note')
    expect(response.headers.get('retry-after')).toMatch(/^\d+$/)
    await expectProblem(response, 'ENGINE_STOPPED', 503)
  })
})

describe('GET /engine/runs', () => {
  it('filters by flow, id or name, and by any of several statuses', async () => {
    const api = await startApi()
    const noted = await trigger(api, 'note')
    await ended(api.engine, noted.id)
    const endless = await trigger(api, 'endless')
    const list = async (query: string) =>
      (await jsonOf<Page<RunView>>(await api.get(`/engine/runs?${query}`))).items.map(({ id }) => id)
    expect(await list('')).toEqual([endless.id, noted.id])
    expect(await list('flow=note')).toEqual([noted.id])
    expect(await list('flow=Endless')).toEqual([endless.id])
    expect(await list('flow=unknown')).toEqual([])
    expect(await list('status=succeeded')).toEqual([noted.id])
    expect(await list('status=succeeded&status=running')).toEqual([endless.id, noted.id])
  })

  it('gives pages whose links keep the filter', async () => {
    const api = await startApi()
    for (let count = 0; count < 3; count++) await ended(api.engine, (await trigger(api, 'note')).id)
    const first = await api.get('/engine/runs?limit=2&flow=note')
    const { items } = await jsonOf<Page<RunView>>(first)
    expect(items).toHaveLength(2)
    const next = /^<([^>]+)>; rel="next"$/.exec(first.headers.get('link') ?? '')?.[1] ?? ''
    expect(next).toMatch(/^\/engine\/runs\?limit=2&flow=note&cursor=/)
    const second = await api.get(next)
    expect(await jsonOf(second)).toMatchObject({ items: [{ flowId: 'note' }], nextCursor: null })
    const prev = /^<([^>]+)>; rel="prev"$/.exec(second.headers.get('link') ?? '')?.[1] ?? ''
    expect((await jsonOf<RunPage>(await api.get(prev))).items).toEqual(items)
  })

  it('gives a page around a time, from which pages go on to newer and to older runs', async () => {
    const api = await startApi()
    for (let count = 0; count < 5; count++) await ended(api.engine, (await trigger(api, 'note')).id)
    const all = (await jsonOf<RunPage>(await api.get('/engine/runs?flow=note'))).items.map(({ id }) => id)
    for (const [at, rel] of [
      ['2000-01-01T00:00:00Z', 'prev'],
      ['2999-01-01T00:00:00Z', 'next'],
    ] as const) {
      const pages: string[][] = []
      for (let url = `/engine/runs?at=${at}&around=2&flow=note`; url !== '';) {
        const response = await api.get(url)
        pages.push((await jsonOf<RunPage>(response)).items.map(({ id }) => id))
        url = new RegExp(`<([^>]+)>; rel="${rel}"`).exec(response.headers.get('link') ?? '')?.[1] ?? ''
      }
      expect((rel === 'prev' ? pages.toReversed() : pages).flat()).toEqual(all)
      expect(Math.max(...pages.map(({ length }) => length))).toBe(2)
    }
  })

  it.each([
    ['around=2', 'REQUEST_INVALID', '/query/around'],
    ['at=soon', 'FILTER_INVALID', undefined],
    ['at=24h&cursor=x', 'CURSOR_INVALID', undefined],
  ] as const)('refuses the place %s', async (query, code, pointer) => {
    const { get } = await startApi()
    const problem = await expectProblem(await get(`/engine/runs?${query}`), code, 400)
    expect(problem.errors?.[0]?.pointer).toBe(pointer)
  })

  it.each(['limit=0', 'limit=201', 'limit=1.5', 'limit=many', 'status=broken', 'status=running&status='])(
    'refuses %s',
    async (query) => {
      const { get } = await startApi()
      const problem = await expectProblem(await get(`/engine/runs?${query}`), 'REQUEST_INVALID', 400)
      expect(problem.errors?.[0]?.pointer).toMatch(/^\/query\/(limit|status)/)
    },
  )

  it('refuses a cursor that it did not make', async () => {
    const { get } = await startApi()
    await expectProblem(await get('/engine/runs?cursor=nonsense'), 'CURSOR_INVALID', 400)
  })
})

describe('GET /engine/runs/:runId', () => {
  it('refuses a run that does not exist', async () => {
    const { get } = await startApi()
    await expectProblem(await get('/engine/runs/run_nope'), 'RUN_NOT_FOUND', 404)
  })
})

describe('POST /engine/runs/:runId/cancel', () => {
  it('asks a run to end, with a reason or without', async () => {
    const api = await startApi()
    const run = await trigger(api, 'endless')
    const response = await api.post(`/engine/runs/${run.id}/cancel`, { reason: 'not needed' })
    expect(response.status).toBe(202)
    expect(await jsonOf(response)).toMatchObject({ run: { id: run.id, cancelReason: 'not needed' } })
    expect(await ended(api.engine, run.id)).toMatchObject({ status: 'cancelled' })
    const other = await trigger(api, 'endless')
    expect((await api.post(`/engine/runs/${other.id}/cancel`)).status).toBe(202)
  })

  it('refuses a run that has ended, or does not exist', async () => {
    const api = await startApi()
    const run = await trigger(api, 'note')
    await ended(api.engine, run.id)
    await expectProblem(await api.post(`/engine/runs/${run.id}/cancel`), 'RUN_FINISHED', 409)
    await expectProblem(await api.post('/engine/runs/run_nope/cancel'), 'RUN_NOT_FOUND', 404)
  })
})

describe('GET /engine/runs/:runId/tasks', () => {
  it('gives all tasks as columns that say what the rows say', async () => {
    const api = await startApi()
    const { id } = await ended(api.engine, (await trigger(api, 'note')).id)
    const rows = await jsonOf<Page<TaskView>>(await api.get(`/engine/runs/${id}/tasks`))
    const columns = await jsonOf<TaskColumns>(await api.get(`/engine/runs/${id}/tasks?format=columns`))
    expect(columns.count).toBeGreaterThan(0)
    expect(fromTaskColumns(columns)).toEqual(rows.items)
  })

  it.each([
    ['format=table', '/query/format'],
    ['format=columns&cursor=x', '/query/cursor'],
  ])('refuses %s', async (query, pointer) => {
    const api = await startApi()
    const { id } = await trigger(api, 'note')
    const problem = await expectProblem(await api.get(`/engine/runs/${id}/tasks?${query}`), 'REQUEST_INVALID', 400)
    expect(problem.errors?.[0]?.pointer).toBe(pointer)
  })
})
