/* Runs in every status, and the requests for everything that can be done with them. */
import { flow, sleep, step, type RunAction, type RunDetailView, type RunStatus } from '@perfect/core'
import { z } from 'zod'

import { ended, jsonOf, type SampleApi } from './sample-api.ts'

/** What is to be done with a run, as it is asked for. */
export const REQUESTS: Readonly<Record<RunAction, (api: SampleApi, path: string) => Promise<Response>>> = {
  cancel: ({ post }, path) => post(`${path}/cancel`),
  pause: ({ post }, path) => post(`${path}/pause`),
  resume: ({ post }, path) => post(`${path}/resume`),
  retry: ({ post }, path) => post(`${path}/retry`),
  retryFromStart: ({ post }, path) => post(`${path}/retry`, { from: 'start' }),
  signal: ({ post }, path) => post(`${path}/signals`, { name: 'go' }),
  verify: ({ post }, path) => post(`${path}/verify-replay`, { orders: 1 }),
  remove: ({ send }, path) => send('DELETE', path),
}

/** Names of all that can be done. */
export const ACTIONS = Object.keys(REQUESTS) as readonly RunAction[]

const endless = flow('Deaf', () => step('work', () => new Promise(() => undefined)))
const failing = flow('Failing', async () => {
  await step('first', () => 1)
  throw new Error('broken')
})
const trying = flow('Trying', () =>
  step('call', { retry: { attempts: 9, backoff: { first: '1h', max: '1h' } } }, () => {
    throw new Error('not yet')
  }),
)
const sleeping = flow('Sleeping', () => sleep('1h'))
const large = flow('Large', () => step('make', () => 'x'.repeat(10_000)))

async function trigger({ engine }: SampleApi, name: string, options = {}): Promise<string> {
  for (const one of [endless, failing, trying, sleeping, large]) engine.registerFlow(one)
  return (await engine.triggerFlow(name, options)).id
}

async function triggerEnded(api: SampleApi, name: string, options = {}): Promise<string> {
  return (await ended(api.engine, await trigger(api, name, options))).id
}

/** A run that waits; it is put away as soon as another one wants its slot. */
async function parked(api: SampleApi, name: string, status: RunStatus): Promise<string> {
  const id = await trigger(api, name)
  await trigger(api, 'Note')
  await reached(api, id, status)
  return id
}

async function reached({ engine }: SampleApi, id: string, status: RunStatus): Promise<void> {
  for (let turn = 0; turn < 1000; turn++) {
    if ((await engine.getRun(id)).status === status) return
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  throw new Error(`Run ${id} was never ${status}.`)
}

/** How a run is made whose state rules look at, on an engine with one slot. */
export interface RunCase {
  readonly status: RunStatus
  readonly make: (api: SampleApi) => Promise<string>
}

type RunState =
  | 'that starts later'
  | 'in line'
  | 'of a worker that is not there'
  | 'that runs'
  | 'that runs and is to end'
  | 'that runs and is to pause'
  | 'that sleeps'
  | 'that is paused'
  | 'that tries again later'
  | 'that has succeeded'
  | 'that has failed'
  | 'that was cancelled'
  | 'that kept no results'
  | 'of a flow that is gone'
  | 'of a flow that takes other input now'

/** A run of each state. */
export const RUNS: Readonly<Record<RunState, RunCase>> = {
  'that starts later': { status: 'scheduled', make: (api) => trigger(api, 'Note', { delay: '1h' }) },
  'in line': { status: 'queued', make: async (api) => (await trigger(api, 'Deaf'), trigger(api, 'Note')) },
  'of a worker that is not there': {
    status: 'queued',
    make: async (api) => (await api.post('/engine/register', { name: 'Remote' }), trigger(api, 'Remote')),
  },
  'that runs': { status: 'running', make: (api) => trigger(api, 'Deaf') },
  'that runs and is to end': {
    status: 'running',
    make: async (api) => {
      const id = await trigger(api, 'Deaf')
      await api.engine.cancelRun(id)
      return id
    },
  },
  'that runs and is to pause': {
    status: 'running',
    make: async (api) => {
      const id = await trigger(api, 'Deaf')
      await api.engine.pauseRun(id)
      return id
    },
  },
  'that sleeps': { status: 'waiting', make: (api) => parked(api, 'Sleeping', 'waiting') },
  'that is paused': {
    status: 'waiting',
    make: async (api) => {
      const id = await trigger(api, 'Note', { delay: '1h' })
      await api.engine.pauseRun(id)
      return id
    },
  },
  'that tries again later': { status: 'retrying', make: (api) => parked(api, 'Trying', 'retrying') },
  'that has succeeded': { status: 'succeeded', make: (api) => triggerEnded(api, 'Note') },
  'that has failed': { status: 'failed', make: (api) => triggerEnded(api, 'Failing') },
  'that was cancelled': {
    status: 'cancelled',
    make: async (api) => {
      const id = await trigger(api, 'Note', { delay: '1h' })
      await api.engine.cancelRun(id)
      return id
    },
  },
  'that kept no results': {
    status: 'succeeded',
    make: (api) => triggerEnded(api, 'Large', { configuration: 'release' }),
  },
  'of a flow that is gone': {
    status: 'failed',
    make: async (api) => {
      const id = await triggerEnded(api, 'Failing')
      api.engine.unregisterFlow('failing')
      return id
    },
  },
  'of a flow that takes other input now': {
    status: 'succeeded',
    make: async (api) => {
      const id = await triggerEnded(api, 'Add', { input: { a: 1, b: 2 } })
      api.engine.registerFlow(flow('Add', { version: '2', input: z.object({ sum: z.string() }) }, ({ sum }) => sum))
      return id
    },
  },
}

/** What the API says of a run. */
export async function detailOf(api: SampleApi, id: string): Promise<RunDetailView> {
  return jsonOf<RunDetailView>(await api.get(`/engine/runs/${id}`))
}

/** What an action has come to, as it is told beforehand. */
export async function verdictOf(response: Response): Promise<RunDetailView['can'][RunAction]> {
  if (response.ok) return { ok: true }
  const { code, detail } = await jsonOf<{ code: never; detail: string }>(response)
  return { ok: false, code, why: detail }
}
