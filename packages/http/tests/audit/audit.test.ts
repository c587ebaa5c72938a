import { FlowEngine, memoryStorage, type AuditView } from '@perfect/core'
import { createPerfectRouter } from '@perfect/http'
import { describe, expect, it } from 'vitest'

import { serve } from '../../src/serve.ts'
import { notSecret } from '../permit/hidden-flow.ts'
import {
  ended,
  expectProblem,
  jsonOf,
  sampleFlows,
  startApi,
  startEngine,
  until,
  type SampleApi,
} from '../sample-api.ts'

async function audit({ engine }: Pick<SampleApi, 'engine'>): Promise<readonly AuditView[]> {
  return (await engine.getAudit()).items
}

async function settled(api: Pick<SampleApi, 'engine'>): Promise<readonly AuditView[]> {
  for (;;) {
    const entries = await audit(api)
    if (entries.every(({ outcome }) => outcome !== 'begun')) return entries
  }
}

describe('the audit log of the API', () => {
  it('has what a schedule was and is, without what is in its input', async () => {
    const api = await startApi()
    const made = { flow: 'note', id: 'nightly', cron: '0 3 * * *', input: { password: 'hush' } }
    const { headers } = await api.post('/engine/schedules', made)
    const changed = { cron: '0 4 * * *', input: { password: 'hush!' } }
    await api.send('PUT', '/engine/schedules/note:nightly', changed, { 'if-match': headers.get('etag') ?? '' })
    const [replaced, created] = await audit(api)
    expect(created).toMatchObject({ action: 'schedule.create', target: 'note:nightly', flowId: 'note' })
    expect(replaced).toMatchObject({ action: 'schedule.replace', target: 'note:nightly', flowId: 'note' })
    const fields = replaced?.changes.map(({ field }) => field) ?? []
    expect(fields).toContain('cron')
    expect(replaced?.changes.find(({ field }) => field === 'cron')).toEqual({
      field: 'cron',
      before: '0 3 * * *',
      after: '0 4 * * *',
    })
    expect(replaced?.changes.find(({ field }) => field === 'input')?.after).toEqual({
      sha256: expect.stringMatching(/^[\da-f]{64}$/) as string,
      bytes: 20,
    })
    expect(JSON.stringify(await audit(api))).not.toContain('hush')
  })

  it('keeps inputs whole when the host asks for it', async () => {
    const api = await startApi({ audit: { inputs: 'whole' } })
    await api.post('/engine/trigger/note', { input: { a: 1 }, configuration: 'debug' })
    expect(await settled(api)).toMatchObject([{ facts: { input: { a: 1 }, configuration: 'debug' } }])
  })

  it.each([true, false])('finds each run of a bulk action by its id (%s: the host has rules)', async (hasRules) => {
    const api = await startApi(hasRules ? { permit: notSecret } : {})
    const runs = [await api.engine.triggerFlow('endless'), await api.engine.triggerFlow('endless')]
    const runIds = [...runs.map(({ id }) => id), 'run_gone']
    const { selection } = await jsonOf<{ selection: { id: string } }>(await api.post('/engine/selections', { runIds }))
    const begun = await api.post(`/engine/selections/${selection.id}/cancel`)
    for (const { id } of runs) {
      let items: readonly AuditView[] = []
      while (items.length === 0)
        ({ items } = await jsonOf<{ items: readonly AuditView[] }>(await api.get(`/engine/audit?filter=target:${id}`)))
      expect(items).toMatchObject([
        {
          action: 'run.cancel',
          flowId: 'endless',
          outcome: 'done',
          requestId: begun.headers.get('request-id'),
          facts: { selection: selection.id },
        },
      ])
    }
    const whole = (await settled(api)).map(({ action, target }) => [action, target])
    expect(whole).toHaveLength(3)
    expect(whole).toContainEqual(['runs.cancel', selection.id])
  })

  it('writes nothing of bulk actions when the log is off', async () => {
    const api = await startApi({ audit: false })
    const { id } = await api.engine.triggerFlow('endless')
    const { selection } = await jsonOf<{ selection: { id: string } }>(
      await api.post('/engine/selections', { runIds: [id] }),
    )
    await api.post(`/engine/selections/${selection.id}/cancel`)
    await ended(api.engine, id)
    expect(await audit(api)).toEqual([])
  })

  it('says what a cancelled run was', async () => {
    const api = await startApi()
    const { id } = await api.engine.triggerFlow('endless')
    await api.post(`/engine/runs/${id}/cancel`, { reason: 'too late' })
    const [entry] = await audit(api)
    expect(entry).toMatchObject({ action: 'run.cancel', target: id, flowId: 'endless', facts: { reason: 'too late' } })
    expect(entry?.changes.find(({ field }) => field === 'cancelReason')).toMatchObject({
      before: null,
      after: 'too late',
    })
  })

  it('says which clients were stopped when all of them were', async () => {
    const one = { command: process.execPath, args: ['-e', 'setInterval(() => {}, 1e6)'], graceMs: 500 }
    const api = await startApi({}, { clients: { one } })
    await api.post('/client/start')
    await api.post('/client/stop')
    const [stop] = await audit(api)
    expect(stop).toMatchObject({
      action: 'client.stop',
      target: null,
      changes: [{ field: 'one', before: 'running', after: 'stopped' }],
    })
  })

  it('names the run of a trigger, and the run that a retry has made', async () => {
    const api = await startApi()
    await api.post('/engine/trigger/note')
    const [run] = (await api.engine.getRuns()).items
    await ended(api.engine, run?.id ?? '')
    const retried = await api.post(`/engine/runs/${run?.id ?? ''}/retry`)
    const [retry, trigger] = await settled(api)
    expect(trigger).toMatchObject({ action: 'flow.trigger', target: run?.id, flowId: 'note', outcome: 'done' })
    expect(retry).toMatchObject({ target: run?.id, facts: { made: retried.headers.get('location') } })
  })

  it('has what was refused with its code, and nothing of what was never begun', async () => {
    const api = await startApi()
    await api.post('/engine/trigger/add', { input: {} })
    await api.post('/engine/runs/nope/cancel')
    await api.post('/engine/trigger/add', '{')
    expect(await settled(api)).toMatchObject([
      { action: 'run.cancel', target: 'nope', outcome: 'refused', code: 'RUN_NOT_FOUND' },
      { action: 'flow.trigger', target: 'add', outcome: 'refused', code: 'INPUT_INVALID' },
    ])
  })

  it('does nothing that it cannot write down', async () => {
    const storage = memoryStorage()
    const ignore = (): void => undefined
    const logger = { debug: ignore, info: ignore, warn: ignore, error: ignore }
    const engine = new FlowEngine({ storage: { ...storage, commit: (changes) => commit(changes) }, logger })
    let isAway = false
    const commit: typeof storage.commit = (changes) => {
      if (isAway && changes.some(({ type }) => type === 'audit.put'))
        return Promise.reject(new Error('the disk is full'))
      return storage.commit(changes)
    }
    const app = createPerfectRouter(engine, { onError: ignore })
    await engine.start()
    for (const one of sampleFlows()) engine.registerFlow(one)
    const { id } = await engine.triggerFlow('endless')
    isAway = true
    const response = await app.request(`/engine/runs/${id}/cancel`, { method: 'POST' })
    expect([response.status >= 500, (await engine.getRun(id)).cancelRequestedAt]).toEqual([true, null])
    isAway = false
    await engine.stop({ drainMs: 0 })
  })

  it('has callers that were refused, but only so many of them', async () => {
    const engine = await startEngine()
    const server = await serve(engine, { port: 0, authenticate: () => null })
    for (let times = 0; times < 20; times++) await fetch(`${server.url}/api/engine/flows?token=hush`)
    await until('they are written down', () => engine.state === 'running')
    const entries = await audit({ engine })
    await server.close()
    expect(entries.length).toBeGreaterThan(0)
    expect(entries.length).toBeLessThan(6)
    expect(entries[0]).toMatchObject({
      action: 'auth.refused',
      actor: null,
      address: expect.stringContaining('127.0.0.1') as string,
      outcome: 'refused',
      code: 'UNAUTHORIZED',
      facts: { method: 'GET', path: '/api/engine/flows' },
    })
    expect(JSON.stringify(entries)).not.toContain('hush')
  })

  it('names a known caller that lacks a scope, or a permission', async () => {
    const api = await startApi({ authenticate: () => ({ name: 'ben', scopes: ['read'] }), permit: notSecret })
    await expectProblem(await api.post('/engine/trigger/note'), 'FORBIDDEN', 403)
    await expectProblem(await api.get('/engine/flows/secret'), 'FLOW_NOT_PERMITTED', 403)
    await until('both are there', () => api.engine.state === 'running')
    expect(await audit(api)).toMatchObject([
      { actor: 'ben', code: 'FLOW_NOT_PERMITTED', flowId: 'secret', facts: { asked: 'read' } },
      { actor: 'ben', code: 'FORBIDDEN' },
    ])
  })

  it('is not kept when the host does not want it', async () => {
    const api = await startApi({ audit: false })
    await api.post('/engine/trigger/note')
    expect(await audit(api)).toEqual([])
  })
})

describe('GET /engine/audit', () => {
  it('pages through what fits the filter, and refuses a cursor of another one', async () => {
    const api = await startApi()
    for (let times = 0; times < 3; times++) await api.post('/engine/trigger/note')
    await api.post('/client/stop')
    await settled(api)
    const asked = '/engine/audit?limit=2&filter=action:flow.trigger'
    const first = await jsonOf<{ items: readonly AuditView[]; nextCursor: string }>(await api.get(asked))
    const second = await jsonOf<{ items: readonly AuditView[] }>(await api.get(`${asked}&cursor=${first.nextCursor}`))
    const ids = [...first.items, ...second.items].map(({ id }) => id)
    expect([ids.length, new Set(ids).size]).toEqual([3, 3])
    const other = `/engine/audit?filter=outcome:done&cursor=${first.nextCursor}`
    await expectProblem(await api.get(other), 'CURSOR_INVALID', 400)
  })

  it('is for administrators', async () => {
    const { get } = await startApi({ authenticate: () => ({ name: 'ben', scopes: ['read', 'run'] }) })
    await expectProblem(await get('/engine/audit'), 'FORBIDDEN', 403)
  })
})
