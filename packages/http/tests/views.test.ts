import type { SavedView } from '@perfect/core'
import { createPerfectClient, type Principal } from '@perfect/http'
import { describe, expect, it } from 'vitest'

import { expectProblem, jsonOf, startApi, type SampleApi } from './sample-api.ts'

const PEOPLE: Readonly<Record<string, Principal>> = {
  ann: { name: 'ann', scopes: ['read', 'run'] },
  ben: { name: 'ben', scopes: ['read', 'run'] },
  cat: { name: 'cat', scopes: ['read'] },
  root: { name: 'root', scopes: ['admin'] },
}
const as = (name: string, more: Record<string, string> = {}) => ({ authorization: name, ...more })
const ANY = { 'if-match': '*' }

function start(options: Parameters<typeof startApi>[0] = {}): Promise<SampleApi> {
  return startApi({ authenticate: ({ headers }) => PEOPLE[headers.get('authorization') ?? ''] ?? null, ...options })
}

async function saved(api: SampleApi, who: string, fields: Partial<SavedView> = {}): Promise<string> {
  const response = await api.post('/engine/views', { name: 'Broken', filter: 'status:failed', ...fields }, as(who))
  expect(response.status).toBe(201)
  return response.headers.get('location') ?? ''
}

async function names({ get }: SampleApi, who: string): Promise<readonly string[]> {
  return (await jsonOf<{ items: SavedView[] }>(await get('/engine/views', as(who)))).items
    .map(({ name }) => name)
    .toSorted()
}

describe('saved views', () => {
  it('are kept with what was saved, whoever saved them', async () => {
    const api = await start()
    const display = { sort: '-createdAt', columns: ['name', { id: 'tag', width: 80 }] }
    const path = await saved(api, 'ann', { name: ' Broken ', display })
    const { view } = await jsonOf<{ view: SavedView }>(await api.get(path, as('ann')))
    expect(view).toMatchObject({ name: 'Broken', filter: 'status:failed', display, isShared: false, owner: 'ann' })
    expect(path).toBe(`/engine/views/${view.id}`)
  })

  it('are seen by their owner alone, unless they are shared', async () => {
    const api = await start()
    const path = await saved(api, 'ann', { name: 'Private' })
    await saved(api, 'ben', { name: 'Shared', isShared: true })
    expect(await names(api, 'ann')).toEqual(['Private', 'Shared'])
    expect(await names(api, 'ben')).toEqual(['Shared'])
    await expectProblem(await api.get(path, as('ben')), 'VIEW_NOT_FOUND', 404)
    await expectProblem(await api.send('DELETE', path, undefined, as('ben', ANY)), 'VIEW_NOT_FOUND', 404)
    await expectProblem(await api.send('PUT', path, { name: 'x' }, as('ben', ANY)), 'VIEW_NOT_FOUND', 404)
  })

  it('are changed and forgotten only by their owner and by administrators', async () => {
    const api = await start()
    const path = await saved(api, 'ann', { isShared: true })
    await expectProblem(await api.send('PUT', path, { name: 'x' }, as('ben', ANY)), 'VIEW_NOT_OWNED', 403)
    await expectProblem(await api.send('DELETE', path, undefined, as('ben', ANY)), 'VIEW_NOT_OWNED', 403)
    const replaced = await api.send('PUT', path, { name: 'Better', isShared: true }, as('root', ANY))
    expect((await jsonOf<{ view: SavedView }>(replaced)).view).toMatchObject({
      name: 'Better',
      filter: '',
      owner: 'ann',
    })
    expect((await api.send('DELETE', path, undefined, as('root', ANY))).status).toBe(204)
    expect(await names(api, 'ann')).toEqual([])
  })

  it('are saved with the scope "read", but not for others', async () => {
    const api = await start()
    const path = await saved(api, 'cat')
    expect((await api.send('PUT', path, { name: 'Mine' }, as('cat', ANY))).status).toBe(200)
    for (const response of [
      await api.post('/engine/views', { name: 'x', isShared: true }, as('cat')),
      await api.send('PUT', path, { name: 'x', isShared: true }, as('cat', ANY)),
    ])
      expect((await expectProblem(response, 'FORBIDDEN', 403)).details).toMatchObject({ needs: ['run', 'admin'] })
    expect((await api.send('PUT', path, { name: 'Mine', isShared: true }, as('root', ANY))).status).toBe(200)
    await expectProblem(await api.send('DELETE', path, undefined, as('cat', ANY)), 'FORBIDDEN', 403)
    expect(await names(api, 'ben')).toEqual(['Mine'])
  })

  it('are refused when their filter is not one, with its code', async () => {
    const api = await start()
    const path = await saved(api, 'ann')
    const body = { name: 'x', filter: 'status:odd' }
    await expectProblem(await api.post('/engine/views', body, as('ann')), 'FILTER_INVALID', 400)
    await expectProblem(await api.send('PUT', path, body, as('ann', ANY)), 'FILTER_INVALID', 400)
    const long = { name: 'x', display: { all: 'x'.repeat(4096) } }
    await expectProblem(await api.post('/engine/views', long, as('ann')), 'VIEW_INVALID', 400)
    expect(await names(api, 'ann')).toEqual(['Broken'])
  })

  it('are changed only by who has read what is there now', async () => {
    const api = await start()
    const path = await saved(api, 'ann')
    const tag = (await api.get(path, as('ann'))).headers.get('etag') ?? ''
    expect((await api.get(path, as('ann', { 'if-none-match': tag }))).status).toBe(304)
    await expectProblem(await api.send('PUT', path, { name: 'x' }, as('ann')), 'PRECONDITION_REQUIRED', 428)
    const response = await api.send('PUT', path, { name: 'One' }, as('ann', { 'if-match': tag }))
    expect(response.headers.get('etag')).not.toBe(tag)
    const late = await api.send('PUT', path, { name: 'Two' }, as('ann', { 'if-match': tag }))
    await expectProblem(late, 'PRECONDITION_FAILED', 412)
    await expectProblem(
      await api.send('DELETE', path, undefined, as('ann', { 'if-match': tag })),
      'PRECONDITION_FAILED',
      412,
    )
  })

  it('are in the audit log when others see them, or when they are of others', async () => {
    const api = await start()
    const path = await saved(api, 'ann', { name: 'Private' })
    await api.send('PUT', path, { name: 'Still private' }, as('ann', ANY))
    expect((await api.engine.getAudit()).items).toEqual([])
    await api.send('PUT', path, { name: 'Shared', isShared: true }, as('ann', ANY))
    await api.send('PUT', path, { name: 'Private again' }, as('ann', ANY))
    await api.send('DELETE', path, undefined, as('root', ANY))
    // Those of one millisecond are in any order.
    const { items } = await api.engine.getAudit()
    expect(items.map(({ action, actor }) => `${action} ${actor ?? ''}`).toSorted()).toEqual([
      'view.remove root',
      'view.replace ann',
      'view.replace ann',
    ])
    expect(items.flatMap(({ changes }) => changes)).toContainEqual({ field: 'isShared', before: false, after: true })
  })

  it('come page by page', async () => {
    const api = await start()
    for (const name of ['a', 'b', 'c']) await saved(api, 'ann', { name })
    const first = await jsonOf<{ items: SavedView[]; nextCursor: string }>(
      await api.get('/engine/views?limit=2', as('ann')),
    )
    const path = `/engine/views?limit=2&cursor=${first.nextCursor}`
    const rest = await jsonOf<{ items: SavedView[]; nextCursor: null }>(await api.get(path, as('ann')))
    expect(rest.nextCursor).toBeNull()
    expect([...first.items, ...rest.items].map(({ name }) => name).toSorted()).toEqual(['a', 'b', 'c'])
    // Of another user it would skip views.
    const other = await api.get(`/engine/views?cursor=${first.nextCursor}`, as('ben'))
    await expectProblem(other, 'CURSOR_INVALID', 400)
  })

  it('are of the one user when nobody is asked who they are', async () => {
    const { app } = await startApi()
    const client = createPerfectClient('http://localhost', { fetch: async (input, init) => app.request(input, init) })
    const made = await (await client.engine.views.$post({ json: { name: 'Mine', isShared: true } })).json()
    expect(made.view).toMatchObject({ owner: null, isShared: true })
    const found = await (await client.engine.views[':viewId'].$get({ param: { viewId: made.view.id } })).json()
    expect(found).toEqual(made)
  })
})
