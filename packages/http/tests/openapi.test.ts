import { approval, flow, sleep, step } from '@perfect/core'
import { describe, expect, it } from 'vitest'

import { ROUTES, type RouteName } from '../src/route-table.ts'
import { differences, operationOf } from './contract.ts'
import { connectedWorker, ended, jsonOf, openSession, startApi, type SampleApi } from './sample-api.ts'

const clients = { one: { command: process.execPath, args: ['-e', 'setInterval(() => {}, 1e6)'], graceMs: 500 } }
const hourly = { flow: 'note', id: 'hourly', every: '1h', input: { a: new Date(0).toISOString() } }

/** Calls every route that answers; the name says which route of the table it is. */
const CALLS: Readonly<Partial<Record<RouteName, (api: SampleApi) => Promise<Response>>>> = {
  listFlows: ({ get }) => get('/engine/flows?limit=1'),
  listFlowsAlias: ({ get }) => get('/flows'),
  getFlow: ({ get }) => get('/engine/flows/add'),
  registerFlow: ({ post }) => post('/engine/register', { name: 'R', tasks: [{ name: 'a' }], schedule: '0 * * * *' }),
  registerFlowAlias: ({ post }) => post('/flows', { name: 'R' }),
  removeFlow: ({ send }) => send('DELETE', '/engine/flows/note'),
  listFlowVersions: async (api) => (await endedRun(api), api.get('/engine/flows/failing/versions')),
  getFlowStats: async (api) => (await endedRun(api), api.get('/engine/flows/failing/stats?since=2h&bucketHours=24')),
  getStats: async (api) => (await endedRun(api), api.get('/engine/stats?flow=failing&until=0s')),
  getStatsSeries: async (api) => (
    await endedRun(api),
    api.get('/engine/stats/series?flow=failing&bucket=day&from=48h')
  ),
  getRunHistogram: async (api) => (await endedRun(api), api.get('/engine/runs/histogram?bars=3&filter=flow:failing')),
  listFailures: async (api) => (await endedRun(api), api.get('/engine/failures?since=1h&limit=1')),
  listAlerts: async (api) => (await anAlert(api), api.get('/engine/alerts?state=pending&flow=failing&limit=1')),
  getAlert: async (api) => api.get(`/engine/alerts/${await anAlert(api)}`),
  retryAlert: async (api) => api.post(`/engine/alerts/${await anAlert(api)}/retry`),
  listAudit: async (api) => (await api.post('/engine/trigger/note'), api.get('/engine/audit?filter=-actor:x&limit=1')),
  getSeen: async (api) => (await endedRun(api), api.get('/engine/seen')),
  markSeen: ({ send }) => send('PUT', '/engine/seen/failures', { until: '2026-11-24T08:00:00Z' }),
  listViews: async (api) => (await aView(api), api.get('/engine/views?limit=1')),
  createView: ({ post }) => post('/engine/views', { name: 'Mine', display: { sort: 'name' }, isShared: true }),
  getView: async (api) => api.get((await aView(api)).path),
  replaceView: async (api) => {
    const { path, tag } = await aView(api)
    return api.send('PUT', path, { name: 'Other' }, { 'if-match': tag })
  },
  removeView: async (api) => {
    const { path, tag } = await aView(api)
    return api.send('DELETE', path, undefined, { 'if-match': tag })
  },
  simulateFlow: ({ post }) => post('/engine/flows/add/simulate', { input: { a: 1, b: 2 } }),
  getOverview: async (api) => {
    await Promise.all([endedRun(api), waitingRun(api), connectedWorker(api), api.post('/engine/schedules', hourly)])
    return api.get('/engine/overview')
  },
  getForecast: async (api) => (
    await api.post('/engine/schedules', hourly),
    api.get('/engine/forecast?to=2999-01-01T00:00:00Z')
  ),
  getMetrics: ({ get }) => get('/engine/metrics'),
  checkVersions: async (api) => (await waitingRun(api), api.get('/engine/versions')),
  triggerFlow: ({ post }) => post('/engine/trigger/add?wait=5s', { input: { a: 1, b: 2 }, tags: ['x'] }),
  listRuns: async (api) => (await endedRun(api), api.get('/engine/runs?count=true&filter=-status:queued')),
  getRun: async (api) => api.get(`/engine/runs/${await endedRun(api)}`),
  cancelRun: async (api) => api.post(`/engine/runs/${await waitingRun(api)}/cancel`, { reason: 'no', force: true }),
  pauseRun: async (api) => api.post(`/engine/runs/${await waitingRun(api)}/pause`),
  resumeRun: async (api) => {
    const id = await waitingRun(api)
    await api.engine.pauseRun(id)
    return api.post(`/engine/runs/${id}/resume`)
  },
  retryRun: async (api) => api.post(`/engine/runs/${await endedRun(api)}/retry`, { from: 'log#1' }),
  removeRun: async (api) => api.send('DELETE', `/engine/runs/${await endedRun(api)}`),
  listTasks: async (api) => api.get(`/engine/runs/${await endedRun(api)}/tasks?limit=1`),
  getJournal: async (api) => api.get(`/engine/runs/${await endedRun(api)}/journal?limit=1`),
  getTimeline: async (api) => api.get(`/engine/runs/${await waitingRun(api)}/timeline`),
  listChildren: async (api) => api.get(`/engine/runs/${await waitingRun(api)}/children`),
  explainRun: async (api) => api.get(`/engine/runs/${await waitingRun(api)}/explanation`),
  verifyReplay: async (api) => api.post(`/engine/runs/${await endedRun(api)}/verify-replay`, { orders: 2 }),
  listSignals: async (api) => {
    const id = await waitingRun(api)
    await api.engine.signalRun(id, 'more', { n: 1 }, { by: 'ann' })
    return api.get(`/engine/runs/${id}/signals`)
  },
  signalRun: async (api) => api.post(`/engine/runs/${await waitingRun(api)}/signals`, { name: 'go', payload: 1 }),
  sendSignal: ({ post }) => post('/engine/signals', { name: 'paid', match: 'order-7', payload: { amount: 1 } }),
  listApprovals: async (api) => (await waitingRun(api), api.get('/engine/approvals')),
  answerApproval: async (api) => api.post(`/engine/runs/${await waitingRun(api)}/approvals/ship`, { approved: true }),
  selectRuns: ({ post }) => post('/engine/selections', { filter: 'status:failed' }),
  getSelection: async (api) => api.get(`/engine/selections/${await selection(api)}`),
  cancelSelection: async (api) => api.post(`/engine/selections/${await selection(api)}/cancel`, { reason: 'x' }),
  retrySelection: async (api) => api.post(`/engine/selections/${await selection(api)}/retry`, { from: 'start' }),
  removeSelection: async (api) => api.post(`/engine/selections/${await selection(api)}/remove`),
  getBulk: async (api) => {
    const begun = await api.post(`/engine/selections/${await selection(api)}/cancel`)
    return api.get(begun.headers.get('location') ?? '')
  },
  listSchedules: async (api) => (await api.post('/engine/schedules', hourly), api.get('/engine/schedules?flow=note')),
  createSchedule: ({ post }) => post('/engine/schedules', hourly),
  previewSchedule: ({ post }) =>
    post('/engine/schedules/preview?count=3', { cron: '0 3 * * *', timezone: 'Europe/Berlin' }),
  getSchedule: async (api) => (await api.post('/engine/schedules', hourly), api.get('/engine/schedules/note:hourly')),
  replaceSchedule: async (api) => {
    const tag = (await api.post('/engine/schedules', hourly)).headers.get('etag') ?? ''
    return api.send('PUT', '/engine/schedules/note:hourly', { cron: '0 4 * * *' }, { 'if-match': tag })
  },
  removeSchedule: async (api) => {
    await api.post('/engine/schedules', hourly)
    return api.send('DELETE', '/engine/schedules/note:hourly', undefined, { 'if-match': '*' })
  },
  listScheduleTimes: async (api) => (
    await api.post('/engine/schedules', hourly),
    api.get('/engine/schedules/note:hourly/times?count=2')
  ),
  pauseSchedule: async (api) => (
    await api.post('/engine/schedules', hourly),
    api.post('/engine/schedules/note:hourly/pause', { until: '2099-01-01T00:00:00Z' })
  ),
  resumeSchedule: async (api) => (
    await api.post('/engine/schedules', hourly),
    api.post('/engine/schedules/note:hourly/resume')
  ),
  runSchedule: async (api) => (
    await api.post('/engine/schedules', hourly),
    api.post('/engine/schedules/note:hourly/run')
  ),
  skipSchedule: async (api) => (
    await api.post('/engine/schedules', hourly),
    api.post('/engine/schedules/note:hourly/skip', { count: 2 })
  ),
  listLogs: async (api) => api.get(`/engine/runs/${await endedRun(api)}/logs`),
  downloadLogs: async (api) => api.get(`/engine/runs/${await endedRun(api)}/logs/download`),
  addLogs: async (api) => api.post(`/engine/runs/${await endedRun(api)}/logs`, { log: 'x' }),
  addLogsAlias: async (api) => api.post(`/flows/${await endedRun(api)}/logs`, { log: 'x' }),
  streamEvents: async ({ get }) => {
    const response = await get('/engine/events')
    await response.body?.cancel()
    return response
  },
  listWorkers: ({ get }) => get('/engine/workers'),
  getWorker: async (api) => (await connectedWorker(api), api.get('/engine/workers/w1')),
  drainWorker: async (api) => (await connectedWorker(api), api.post('/engine/workers/w1/drain')),
  openWorkerSession: ({ post }) => post('/engine/workers/sessions', { protocol: 'perfect.worker.v1' }),
  sendWorkerMessages: async (api) => {
    const { sessionId } = await jsonOf<{ sessionId: string }>(await openSession(api))
    return api.post(`/engine/workers/sessions/${sessionId}/messages`, { messages: [] })
  },
  pollWorkerMessages: async (api) => {
    const { sessionId } = await jsonOf<{ sessionId: string }>(await openSession(api))
    return api.get(`/engine/workers/sessions/${sessionId}/messages?waitMs=0`)
  },
  closeWorkerSession: async (api) => {
    const { sessionId } = await jsonOf<{ sessionId: string }>(await openSession(api))
    return api.send('DELETE', `/engine/workers/sessions/${sessionId}`)
  },
  startClient: ({ post }) => post('/client/start'),
  stopClient: async ({ post }) => (await post('/client/start'), post('/client/stop')),
  restartClient: async ({ post }) => (await post('/client/start'), post('/client/restart')),
  listClientLogs: async ({ get, post }) => (await post('/client/start'), get('/client/one/logs')),
  downloadClientLogs: async ({ get, post }) => (await post('/client/start'), get('/client/one/logs/download')),
  listClients: async ({ get, post }) => (await post('/client/start'), get('/client/status')),
  getInfo: ({ get }) => get('/engine/info'),
  getHealth: ({ get }) => get('/health'),
  getReady: ({ get }) => get('/ready'),
  getOpenApi: ({ get }) => get('/openapi.json'),
}

/** Calls that are refused, each for another reason. */
const REFUSED: readonly (readonly [RouteName, (api: SampleApi) => Promise<Response>])[] = [
  ['getFlow', ({ get }) => get('/engine/flows/nope')],
  ['listRuns', ({ get }) => get('/engine/runs?limit=0')],
  ['listRuns', ({ get }) => get('/engine/runs?cursor=x')],
  ['listRuns', ({ get }) => get('/engine/runs?filter=nope:1')],
  ['triggerFlow', ({ post }) => post('/engine/trigger/add', { input: {} })],
  ['triggerFlow', ({ post }) => post('/engine/trigger/note', '{')],
  ['triggerFlow', ({ post }) => post('/engine/trigger/note', '{}', { 'content-type': 'text/plain' })],
  ['triggerFlow', ({ post }) => post('/engine/trigger/note', '{}', { origin: 'https://evil.example' })],
  ['triggerFlow', async ({ engine, post }) => (await engine.stop(), post('/engine/trigger/note'))],
  ['simulateFlow', ({ post }) => post('/engine/flows/add/simulate', { input: {} })],
  ['getForecast', ({ get }) => get('/engine/forecast?from=soon')],
  ['getForecast', ({ get }) => get('/engine/forecast?from=2030-01-01T00:00:00Z&to=2029-01-01T00:00:00Z')],
  ['listAudit', ({ get }) => get('/engine/audit?filter=nope:1')],
  ['listAudit', ({ get }) => get('/engine/audit?cursor=x')],
  ['getRunHistogram', ({ get }) => get('/engine/runs/histogram?bars=0')],
  ['markSeen', ({ send }) => send('PUT', '/engine/seen/odd', {})],
  ['createView', ({ post }) => post('/engine/views', { name: 'x', filter: 'nope:1' })],
  ['createView', ({ post }) => post('/engine/views', { name: '' })],
  ['getView', ({ get }) => get('/engine/views/view_none')],
  ['replaceView', ({ send }) => send('PUT', '/engine/views/x', { name: 'x' })],
  ['removeView', async (api) => api.send('DELETE', (await aView(api)).path, undefined, { 'if-match': '"old"' })],
  ['getInfo', ({ get }) => get('/engine/info', { host: 'evil.example' })],
  ['getAlert', ({ get }) => get('/engine/alerts/nope')],
  ['startClient', ({ post }) => post('/client/start', { id: 'nope' })],
  ['connectWorker', ({ get }) => get('/engine/workers/connect')],
  ['connectEvents', ({ get }) => get('/engine/ws')],
  ['pollWorkerMessages', ({ get }) => get('/engine/workers/sessions/x/messages')],
  ['replaceSchedule', ({ send }) => send('PUT', '/engine/schedules/x', { cron: '* * * * *' })],
]

async function endedRun({ engine }: SampleApi): Promise<string> {
  const failing = flow('Failing', async () => {
    await step('log', ({ log }) => log.warn('it will fail', { soon: true }))
    await sleep(0)
    throw new TypeError('broken', { cause: new Error('why') })
  })
  engine.registerFlow(failing)
  const { id } = await engine.triggerFlow(failing, { configuration: 'debug' })
  return (await ended(engine, id)).id
}

async function anAlert(api: SampleApi): Promise<string> {
  await endedRun(api)
  return (await api.engine.getAlerts()).items[0]?.id ?? ''
}

async function aView({ post }: SampleApi): Promise<{ readonly path: string; readonly tag: string }> {
  const { headers } = await post('/engine/views', { name: 'Broken', filter: 'status:failed since:24h' })
  return { path: headers.get('location') ?? '', tag: headers.get('etag') ?? '' }
}

async function waitingRun({ engine }: SampleApi): Promise<string> {
  const asking = flow('Asking', () => approval('ship', { timeout: '1d' }))
  engine.registerFlow(asking)
  const { id } = await engine.triggerFlow(asking)
  for (;;) if ((await engine.getRunSignals(id)).pending.length > 0) return id
}

async function selection(api: SampleApi): Promise<string> {
  await endedRun(api)
  const made = await api.post('/engine/selections', { filter: 'flow:failing' })
  return (await jsonOf<{ selection: { id: string } }>(made)).selection.id
}

const alerts = [{ on: ['failed'] as const, handler: () => Promise.reject(new Error('not now')) }]
const called = Object.entries(CALLS) as readonly (readonly [RouteName, (api: SampleApi) => Promise<Response>])[]

describe('openapi.json', () => {
  it('is exercised route by route here', () => {
    expect([...called.map(([name]) => name), 'connectWorker', 'connectEvents'].toSorted()).toEqual(
      Object.keys(ROUTES).toSorted(),
    )
  })

  it.each(called)('describes what %s really answers', async (name, call) => {
    const response = await call(await startApi({}, { clients, alerts }))
    expect([name, response.ok ? 'fits' : await response.clone().text()]).toEqual([name, 'fits'])
    expect(Object.keys(operationOf(name).responses)).toContain(String(response.status))
  })

  it.each(REFUSED)('describes how %s refuses', async (name, call) => {
    const response = await call(await startApi({}, { clients, alerts }))
    const problem = await jsonOf(response)
    const described = operationOf(name).responses[String(response.status)]
    expect(described).toMatchObject({ description: expect.stringContaining(String(problem['code'])) as string })
  })

  it('is held against every answer of these tests: what it does not say is found', async () => {
    const differs = async (body: unknown, status = 200): Promise<number> =>
      (await differences('GET', '/health', Response.json(body, { status }))).length
    expect(await differs({ status: 'ok' })).toBe(0)
    expect(await differs({ status: 'fine' })).toBeGreaterThan(0)
    expect(await differs({ status: 'ok', more: 1 })).toBeGreaterThan(0)
    expect(await differs({ status: 'ok' }, 201)).toBeGreaterThan(0)
  })
})
