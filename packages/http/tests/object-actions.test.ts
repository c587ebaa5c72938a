import { approval, flow, type ActionView, type AlertRule } from '@perfect/core'
import { SCOPES, type Scope } from '@perfect/http'
import { describe, expect, it } from 'vitest'

import { verdictOf } from './action-cases.ts'
import { callerOf, connectedWorker, ended, jsonOf, startApi, type SampleApi } from './sample-api.ts'

interface Answered {
  readonly can: Readonly<Record<string, ActionView>>
}

/** Something that can be acted on: how it is made, where it is read, and the request for each of its actions. */
interface ObjectCase {
  readonly make?: (api: SampleApi) => Promise<unknown>
  readonly read: (api: SampleApi) => Promise<Answered | undefined>
  readonly actions: Readonly<Record<string, (api: SampleApi) => Promise<Response>>>
  /** What is refused to a caller who may do everything. */
  readonly refused?: Readonly<Record<string, string>>
}

const ANY = { 'if-match': '*' }
const idle = { command: process.execPath, args: ['-e', 'setInterval(() => {}, 1e6)'], graceMs: 500 }
const rule: AlertRule = { on: ['failed'], handler: () => Promise.reject(new Error('not now')) }
const scheduled = flow('Scheduled', { schedule: { cron: '0 3 * * *', id: 'nightly' } }, () => 1)
const asking = flow('Asking', () => approval('ship', { approvers: ['bob'] }))
const failing = flow('Failing', () => {
  throw new Error('broken')
})

async function made({ engine }: SampleApi): Promise<void> {
  await engine.schedules.create({ flowId: 'note', id: 'hourly', every: '1h' })
}

async function oneOf(api: SampleApi, path: string, key: string): Promise<Answered | undefined> {
  return (await jsonOf<Record<string, Answered>>(await api.get(path)))[key]
}

async function firstOf(api: SampleApi, path: string): Promise<Answered | undefined> {
  return (await jsonOf<{ items: Answered[] }>(await api.get(path))).items[0]
}

const scheduleActions = (path: string): ObjectCase['actions'] => ({
  replace: ({ send }) => send('PUT', path, { every: '2h' }, ANY),
  remove: ({ send }) => send('DELETE', path, undefined, ANY),
  pause: ({ post }) => post(`${path}/pause`),
  resume: ({ post }) => post(`${path}/resume`),
  skip: ({ post }) => post(`${path}/skip`),
  run: ({ post }) => post(`${path}/run`),
})

const clientActions: ObjectCase['actions'] = {
  start: ({ post }) => post('/client/start', { id: 'one' }),
  stop: ({ post }) => post('/client/stop', { id: 'one' }),
  restart: ({ post }) => post('/client/restart', { id: 'one' }),
}

const viewActions: ObjectCase['actions'] = {
  replace: async (api) => api.send('PUT', await viewPath(api), { name: 'Better' }, ANY),
  remove: async (api) => api.send('DELETE', await viewPath(api), undefined, ANY),
}

async function viewPath({ engine }: SampleApi): Promise<string> {
  const { items } = await engine.views.list({ name: 'ann', isAdmin: true })
  return `/engine/views/${items[0]?.id ?? ''}`
}

function aView(owner: string): (api: SampleApi) => Promise<unknown> {
  return ({ engine }) => engine.views.create({ name: 'Broken', isShared: true }, { name: owner })
}

const CASES: Readonly<Record<string, ObjectCase>> = {
  'a flow': {
    read: (api) => oneOf(api, '/engine/flows/note', 'flow'),
    actions: {
      trigger: ({ post }) => post('/engine/trigger/note'),
      schedule: ({ post }) => post('/engine/schedules', { flow: 'note', every: '1h' }),
      remove: ({ send }) => send('DELETE', '/engine/flows/note'),
    },
  },
  'a schedule that was made': {
    make: made,
    read: (api) => oneOf(api, '/engine/schedules/note:hourly', 'schedule'),
    actions: scheduleActions('/engine/schedules/note:hourly'),
  },
  'a schedule of the code': {
    make: ({ engine }) => Promise.resolve(engine.registerFlow(scheduled)),
    read: (api) => firstOf(api, '/engine/schedules'),
    actions: scheduleActions('/engine/schedules/scheduled:nightly'),
    refused: { replace: 'SCHEDULE_INVALID', remove: 'SCHEDULE_INVALID' },
  },
  'a schedule of a flow that is gone': {
    make: async (api) => {
      await made(api)
      api.engine.unregisterFlow('note')
    },
    read: (api) => oneOf(api, '/engine/schedules/note:hourly', 'schedule'),
    actions: scheduleActions('/engine/schedules/note:hourly'),
    refused: { replace: 'FLOW_NOT_FOUND', run: 'FLOW_NOT_FOUND' },
  },
  'a client that is stopped': { read: (api) => firstOf(api, '/client/status'), actions: clientActions },
  'a client that runs': {
    make: ({ engine }) => engine.processes.start('one'),
    read: (api) => firstOf(api, '/client/status'),
    actions: clientActions,
    refused: { start: 'CLIENT_ALREADY_RUNNING' },
  },
  'a worker': {
    make: ({ engine }) => connectedWorker(callerOf(engine)),
    read: (api) => oneOf(api, '/engine/workers/w1', 'worker'),
    actions: { drain: ({ post }) => post('/engine/workers/w1/drain') },
  },
  'an alert': {
    make: async ({ engine }) => {
      engine.registerFlow(failing)
      await ended(engine, (await engine.triggerFlow(failing)).id)
    },
    read: (api) => firstOf(api, '/engine/alerts'),
    actions: {
      retry: async (api) => api.post(`/engine/alerts/${(await api.engine.getAlerts()).items[0]?.id ?? ''}/retry`),
    },
  },
  'an approval that others decide': {
    make: async (api) => {
      api.engine.registerFlow(asking)
      const { id } = await api.engine.triggerFlow(asking)
      for (;;) if ((await api.engine.getRunSignals(id)).pending.length > 0) return
    },
    read: (api) => firstOf(api, '/engine/approvals'),
    actions: {
      answer: async (api) => {
        const [one] = await api.engine.pendingApprovals()
        return api.post(`/engine/runs/${one?.runId ?? ''}/approvals/ship`, { approved: true })
      },
    },
    refused: { answer: 'APPROVER_NOT_ALLOWED' },
  },
  'a shared view of her own': {
    make: aView('ann'),
    read: async (api) => oneOf(api, await viewPath(api), 'view'),
    actions: viewActions,
  },
  'a shared view of somebody else': {
    make: aView('bob'),
    read: (api) => firstOf(api, '/engine/views'),
    actions: viewActions,
    refused: { replace: 'VIEW_NOT_OWNED', remove: 'VIEW_NOT_OWNED' },
  },
}

/** An API whose caller is Ann. */
function apiOf(scopes: readonly Scope[], permit?: (action: string) => boolean): Promise<SampleApi> {
  const rules = permit === undefined ? {} : { permit: ({ action }: { readonly action: string }) => permit(action) }
  return startApi(
    { authenticate: () => ({ name: 'ann', scopes }), ...rules },
    { clients: { one: idle }, alerts: [rule] },
  )
}

/** Makes the object with all rights, and holds what is told of it against what each action answers, each on an API of its own. */
async function prove(one: ObjectCase, start: () => Promise<SampleApi>): Promise<Readonly<Record<string, string>>> {
  const refused: Record<string, string> = {}
  for (const [action, request] of Object.entries(one.actions)) {
    const api = await start()
    await one.make?.(api)
    const can = (await one.read(api))?.can
    expect(Object.keys(can ?? {})).toEqual(Object.keys(one.actions))
    const answer = await verdictOf(await request(api))
    expect({ action, says: can?.[action] }).toEqual({ action, says: answer })
    if (!answer.ok) refused[action] = answer.code
    await api.engine.stop({ drainMs: 0 })
  }
  return refused
}

const ALL_BUT_ADMIN: readonly Scope[] = ['read', 'run', 'worker']
// An administrator may change the views of others.
const scopesFor = ({ actions }: ObjectCase): readonly Scope[] => (actions === viewActions ? ALL_BUT_ADMIN : SCOPES)
const codesOf = (refused: Readonly<Record<string, string>>): readonly string[] => [...new Set(Object.values(refused))]

describe('can of what the API tells of', () => {
  it.each(Object.entries(CASES))('says of %s what each action then answers', async (_name, one) => {
    expect(await prove(one, () => apiOf(scopesFor(one)))).toEqual(one.refused ?? {})
  })

  it.each(Object.entries(CASES))('counts for %s the scopes of who asks', async (name, one) => {
    const refused = await prove(one, () => apiOf(['read']))
    expect(Object.keys(refused)).toEqual(Object.keys(one.actions))
    expect(codesOf(refused)).toEqual([name.endsWith('somebody else') ? 'VIEW_NOT_OWNED' : 'FORBIDDEN'])
  })

  it.each(Object.entries(CASES).filter(([name]) => !/client|worker|view/.test(name)))(
    'counts for %s the rules of the host',
    async (_name, one) => {
      const refused = await prove(one, () => apiOf(scopesFor(one), (asked) => asked === 'read'))
      expect(codesOf(refused)).toEqual(['FLOW_NOT_PERMITTED'])
    },
  )

  it('stands in lists and in the overview, too', async () => {
    const api = await apiOf(['read'])
    await made(api)
    await connectedWorker(callerOf(api.engine))
    const overview = await jsonOf<{ schedules: Answered[]; workers: Answered[] }>(await api.get('/engine/overview'))
    for (const path of ['/engine/flows', '/engine/schedules', '/engine/workers', '/client/status', '/flows'])
      for (const { ok } of Object.values((await firstOf(api, path))?.can ?? {}))
        expect({ path, ok }).toEqual({ path, ok: false })
    expect(overview.schedules[0]?.can['run']).toMatchObject({ code: 'FORBIDDEN' })
    expect(overview.workers[0]?.can['drain']).toMatchObject({ code: 'FORBIDDEN' })
  })

  it('changes the tag of a schedule for readers, and not for who changes it', async () => {
    const api = await apiOf(SCOPES)
    await made(api)
    const path = '/engine/schedules/note:hourly'
    const tag = (await api.get(path)).headers.get('etag') ?? ''
    expect((await api.get(path, { 'if-none-match': tag })).status).toBe(304)
    api.engine.unregisterFlow('note')
    const { status, headers } = await api.get(path, { 'if-none-match': tag })
    expect([status, headers.get('etag')]).not.toEqual([304, tag])
    expect((await api.send('DELETE', path, undefined, { 'if-match': tag })).status).toBe(204)
  })
})
