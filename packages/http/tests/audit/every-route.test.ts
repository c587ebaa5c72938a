import { approval, flow, step, type AuditView } from '@perfect/core'
import { describe, expect, it } from 'vitest'

import { ROUTE_AUDIT } from '../../src/audit/route-audit.ts'
import { ROUTES, type RouteName } from '../../src/route-table.ts'
import { ended, jsonOf, startApi, type SampleApi } from '../sample-api.ts'

type Call = (api: SampleApi) => Promise<Response>

const names = Object.keys(ROUTES) as readonly RouteName[]
const audited = names.filter((name) => ROUTE_AUDIT[name] !== null)

// Why a route that is no GET is not in the audit log. A new one needs a line here, or an entry in the table.
const LEFT_OUT: Readonly<Partial<Record<RouteName, string>>> = {
  simulateFlow: 'runs and stores nothing',
  previewSchedule: 'stores nothing',
  verifyReplay: 'runs and stores nothing',
  markSeen: 'a mark that only its caller sees',
  selectRuns: 'a choice that only its caller sees',
  addLogs: 'the log is a record of its own',
  addLogsAlias: 'the log is a record of its own',
  openWorkerSession: 'the journals of runs have what workers do',
  sendWorkerMessages: 'the journals of runs have what workers do',
  closeWorkerSession: 'the journals of runs have what workers do',
}

async function waiting({ engine }: SampleApi): Promise<string> {
  engine.registerFlow(flow('Asking', () => approval('ship')))
  const { id } = await engine.triggerFlow('asking')
  while ((await engine.getRunSignals(id)).pending.length === 0) await new Promise(setImmediate)
  return id
}

async function failed({ engine }: SampleApi): Promise<string> {
  engine.registerFlow(
    flow('Failing', async () => {
      await step('one', () => 1)
      throw new Error('no')
    }),
  )
  return (await ended(engine, (await engine.triggerFlow('failing')).id)).id
}

async function hourly(api: SampleApi): Promise<string> {
  const { id } = await api.engine.schedules.create({ flowId: 'note', id: 'hourly', every: '1h' })
  return `/engine/schedules/${id}`
}

async function selection(api: SampleApi): Promise<string> {
  await failed(api)
  const made = await jsonOf<{ selection: { id: string } }>(await api.post('/engine/selections', { filter: '' }))
  return `/engine/selections/${made.selection.id}`
}

const aView = { name: 'Broken', filter: 'status:failed', isShared: true }

async function saved({ engine }: SampleApi): Promise<string> {
  return `/engine/views/${(await engine.views.create(aView, { name: 'ann' })).id}`
}

const CALLS: Readonly<Partial<Record<RouteName, Call>>> = {
  registerFlow: ({ post }) => post('/engine/register', { name: 'R' }),
  registerFlowAlias: ({ post }) => post('/flows', { name: 'R' }),
  removeFlow: ({ send }) => send('DELETE', '/engine/flows/note'),
  triggerFlow: ({ post }) => post('/engine/trigger/note', { input: 'hush' }),
  cancelRun: async (api) => api.post(`/engine/runs/${await waiting(api)}/cancel`, { reason: 'late' }),
  pauseRun: async (api) => api.post(`/engine/runs/${await waiting(api)}/pause`),
  resumeRun: async (api) => {
    const id = await waiting(api)
    await api.engine.pauseRun(id)
    return api.post(`/engine/runs/${id}/resume`)
  },
  retryRun: async (api) => api.post(`/engine/runs/${await failed(api)}/retry`),
  removeRun: async (api) => api.send('DELETE', `/engine/runs/${await failed(api)}`),
  signalRun: async (api) => api.post(`/engine/runs/${await waiting(api)}/signals`, { name: 'go', payload: 'hush' }),
  answerApproval: async (api) => api.post(`/engine/runs/${await waiting(api)}/approvals/ship`, { approved: true }),
  sendSignal: ({ post }) => post('/engine/signals', { name: 'go', match: 'm', payload: 'hush' }),
  cancelSelection: async (api) => api.post(`${await selection(api)}/cancel`),
  retrySelection: async (api) => api.post(`${await selection(api)}/retry`),
  removeSelection: async (api) => api.post(`${await selection(api)}/remove`),
  createSchedule: ({ post }) => post('/engine/schedules', { flow: 'note', id: 'h', every: '1h', input: 'hush' }),
  replaceSchedule: async (api) => api.send('PUT', await hourly(api), { every: '2h' }, { 'if-match': '*' }),
  removeSchedule: async (api) => api.send('DELETE', await hourly(api), undefined, { 'if-match': '*' }),
  pauseSchedule: async (api) => api.post(`${await hourly(api)}/pause`),
  resumeSchedule: async (api) => {
    const path = await hourly(api)
    await api.engine.schedules.pause('note:hourly')
    return api.post(`${path}/resume`)
  },
  runSchedule: async (api) => api.post(`${await hourly(api)}/run`),
  skipSchedule: async (api) => api.post(`${await hourly(api)}/skip`, { count: 2 }),
  retryAlert: async (api) => {
    await failed(api)
    return api.post(`/engine/alerts/${(await api.engine.getAlerts()).items[0]?.id ?? ''}/retry`)
  },
  createView: ({ post }) => post('/engine/views', aView),
  replaceView: async (api) => api.send('PUT', await saved(api), { ...aView, name: 'Other' }, { 'if-match': '*' }),
  removeView: async (api) => api.send('DELETE', await saved(api), undefined, { 'if-match': '*' }),
  drainWorker: async (api) => {
    const opened = await api.post('/engine/workers/sessions', { protocol: 'perfect.worker.v1' })
    const { sessionId } = await jsonOf<{ sessionId: string }>(opened)
    const sdk = { name: 'test', version: '1', language: 'js', languageVersion: '1', os: 'x' }
    const hello = { type: 'hello', workerId: 'w1', name: 'w1', protocol: { min: 1, max: 1 }, sdk, capabilities: [] }
    const more = { slots: 1, labels: {}, flows: [], inFlight: [], draining: false }
    await api.post(`/engine/workers/sessions/${sessionId}/messages`, { messages: [{ ...hello, ...more }] })
    while (api.engine.workers.status()[0]?.status !== 'online') await new Promise(setImmediate)
    return api.post('/engine/workers/w1/drain')
  },
  startClient: ({ post }) => post('/client/start', { id: 'one' }),
  stopClient: async ({ post }) => (await post('/client/start'), post('/client/stop', { id: 'one' })),
  restartClient: async ({ post }) => (await post('/client/start'), post('/client/restart', { id: 'one' })),
}

const clients = { one: { command: process.execPath, args: ['-e', 'setInterval(() => {}, 1e6)'], graceMs: 500 } }
const alerts = [{ on: ['failed'] as const, handler: () => Promise.reject(new Error('not now')) }]

function start(): Promise<SampleApi> {
  const authenticate = () => ({ name: 'ann', scopes: ['read', 'run', 'admin', 'worker'] }) as const
  return startApi({ authenticate }, { clients, alerts })
}

/** The newest entry, once its outcome is known. */
async function newest({ engine }: SampleApi, action: string): Promise<AuditView | undefined> {
  for (;;) {
    const [entry] = (await engine.getAudit({ actions: [action], limit: 1 })).items
    if (entry?.outcome !== 'begun') return entry
  }
}

describe('the audit log', () => {
  it('has every route that changes something, but for those that say why not', () => {
    const changing = names.filter((name) => ROUTES[name].method !== 'get')
    expect([...audited, ...Object.keys(LEFT_OUT)].toSorted()).toEqual(changing.toSorted())
    expect(Object.keys(CALLS).toSorted()).toEqual(audited.toSorted())
  })

  it.each(Object.entries(CALLS) as [RouteName, Call][])(
    'says who did %s, to what, when and how',
    async (name, call) => {
      const api = await start()
      const response = await call(api)
      expect([name, response.status < 300]).toEqual([name, true])
      const { action } = ROUTE_AUDIT[name] ?? { action: '' }
      const entry = await newest(api, action)
      expect(entry).toMatchObject({
        door: 'http',
        actor: 'ann',
        action,
        target: expect.stringMatching(/\S/) as string,
        outcome: 'done',
        code: null,
        requestId: response.headers.get('request-id'),
        endedAt: expect.stringMatching(/Z$/) as string,
      })
      expect(JSON.stringify(entry)).not.toContain('hush')
    },
  )
})
