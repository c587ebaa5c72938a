import type { Page, FlowView } from '@perfect/core'
import type { RegisterAnswer } from '@perfect/http'
import { describe, expect, it } from 'vitest'

import { expectProblem, jsonOf, startApi } from './sample-api.ts'

describe('GET /engine/flows', () => {
  it('lists the registered flows', async () => {
    const { get } = await startApi()
    const response = await get('/engine/flows')
    expect(response.status).toBe(200)
    expect(await jsonOf(response)).toMatchObject({
      items: [{ id: 'add', name: 'Add', runsOn: 'engine' }, { id: 'note' }, { id: 'endless' }],
      nextCursor: null,
    })
  })

  it('gives pages whose links lead through the whole list', async () => {
    const { get } = await startApi()
    const ids: string[] = []
    let path: string | undefined = '/engine/flows?limit=2'
    while (path !== undefined) {
      const response = await get(path)
      const page = await jsonOf<Page<FlowView>>(response)
      ids.push(...page.items.map(({ id }) => id))
      path = /^<([^>]+)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1]
    }
    expect(ids).toEqual(['add', 'note', 'endless'])
  })

  it('refuses a cursor that it did not make', async () => {
    const { get } = await startApi()
    await expectProblem(await get('/engine/flows?cursor=nonsense'), 'CURSOR_INVALID', 400)
  })
})

describe('GET /engine/flows/:flowId', () => {
  it('gives a flow by id and by name', async () => {
    const { get } = await startApi()
    expect(await jsonOf(await get('/engine/flows/add'))).toMatchObject({ flow: { id: 'add' } })
    expect(await jsonOf(await get('/engine/flows/Add'))).toMatchObject({ flow: { id: 'add' } })
  })

  it('says which flows there are when one is not known', async () => {
    const { get } = await startApi()
    const problem = await expectProblem(await get('/engine/flows/nope'), 'FLOW_NOT_FOUND', 404)
    expect(problem.detail).toContain('add, note, endless')
    expect(problem.details).toEqual({ flow: 'nope' })
  })
})

describe('POST /engine/register', () => {
  const definition = {
    name: 'Remote ETL',
    version: '2',
    tags: ['python'],
    tasks: [{ name: 'load', weight: 3, estimatedTime: '2s' }, { name: 'save' }],
    schedule: { cron: '0 3 * * *', timezone: 'Europe/Berlin' },
  }

  it('creates, leaves and updates a flow that workers run', async () => {
    const { post } = await startApi()
    const register = async (body: unknown) => jsonOf<RegisterAnswer>(await post('/engine/register', body))
    expect(await register(definition)).toMatchObject({
      status: 'created',
      flow: {
        id: 'remote-etl',
        runsOn: 'worker',
        tasks: [
          { name: 'load', weight: 3, estimatedMs: 2000 },
          { name: 'save', weight: 1, estimatedMs: null },
        ],
        schedule: { cron: '0 3 * * *', timezone: 'Europe/Berlin' },
      },
    })
    expect(await register(definition)).toMatchObject({ status: 'unchanged' })
    expect(await register({ ...definition, version: '3' })).toMatchObject({ status: 'updated', flow: { version: '3' } })
  })

  it('takes the rules of a schedule', async () => {
    const { engine, post } = await startApi()
    await post('/engine/register', { ...definition, schedule: { every: '15m', missed: 'all', jitter: 500 } })
    expect(await engine.schedules.list({ flowId: 'remote-etl' })).toMatchObject([
      { kind: 'interval', missed: 'all', jitterMs: 500 },
    ])
  })

  it.each([
    ['FLOW_DUPLICATE', 409, { name: 'Add' }],
    ['FLOW_DEFINITION_INVALID', 400, { name: '' }],
    ['TASK_DEFINITION_INVALID', 400, { name: 'x', tasks: [{ name: 'a/b' }] }],
    ['WEIGHT_INVALID', 400, { name: 'x', tasks: [{ name: 'a', weight: 0 }] }],
    ['SCHEDULE_INVALID', 400, { name: 'x', schedule: 'every day' }],
    ['DURATION_INVALID', 400, { name: 'x', tasks: [{ name: 'a', estimatedTime: 'soon' }] }],
    ['REQUEST_INVALID', 400, { tasks: 'none' }],
  ])('refuses with %s', async (code, status, body) => {
    const { engine, post } = await startApi()
    await expectProblem(await post('/engine/register', body), code, status)
    expect(engine.getFlows()).toHaveLength(3)
  })

  it('says where a definition does not fit', async () => {
    const { post } = await startApi()
    const body = { name: 'x', tasks: [{ name: 'a' }, { weight: 'much' }] }
    const problem = await expectProblem(await post('/engine/register', body), 'REQUEST_INVALID', 400)
    expect(problem.errors?.map(({ pointer }) => pointer)).toEqual(['/tasks/1/name', '/tasks/1/weight'])
  })
})
