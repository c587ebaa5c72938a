import { approval, flow, step, type FlowEngine } from '@perfect/core'
import { createPerfectRouter, type Permit, type RouterOptions } from '@perfect/http'

import { ROUTES, type RouteName } from '../../src/route-table.ts'
import { ended, startEngine } from '../sample-api.ts'

/** What is not to be seen anywhere: names, ids and values of flows that begin with "Secret". */
const TRACES = /secret|hush/i

/** Everything but flows that begin with "secret". */
export const notSecret: Permit = ({ flow: id }) => !id.startsWith('secret')

/** An engine with a flow that has everything a flow can have. */
export interface HiddenFlow {
  readonly engine: FlowEngine
  readonly endedId: string
  readonly waitingId: string
  /** Values for the parameters in paths. */
  readonly named: Readonly<Record<string, string>>
}

/** Makes such an engine: runs that failed and wait, a schedule, an alert, a worker that is connected. */
export async function startHiddenFlow(): Promise<HiddenFlow> {
  const engine = await startEngine({
    alerts: [{ on: ['failed'], handler: () => Promise.reject(new Error('not now')) }],
    clients: { one: { command: process.execPath, args: ['-e', ''] } },
  })
  const failing = flow('Secret', async (word: string) => {
    await step('say', ({ log }) => log.info(word))
    throw new TypeError(`hush: ${word}`)
  })
  const asking = flow('Secret question', () => approval('ship', { title: 'hush' }))
  engine.registerFlow(failing)
  engine.registerFlow(asking)
  await engine.schedules.create({ flowId: 'secret', id: 'hourly', every: '1h', input: 'hush' })
  const { id: endedId } = await engine.triggerFlow(failing, { input: 'hush' })
  await ended(engine, endedId)
  const { id: waitingId } = await engine.triggerFlow(asking)
  while ((await engine.getRunSignals(waitingId)).pending.length === 0) await new Promise(setImmediate)
  const entry = { door: 'cli', actor: 'ann', action: 'run.cancel', target: endedId, flowId: 'secret' }
  await engine.audit.record(entry, { outcome: 'done' })
  const view = await engine.views.create({ name: 'Odd', filter: '-flow:secret', isShared: true }, { name: 'ann' })
  const [alert] = (await engine.getAlerts()).items
  const named = {
    flowId: 'secret',
    runId: endedId,
    scheduleId: 'secret:hourly',
    alertId: alert?.id ?? '',
    viewId: view.id,
    topic: 'failures',
    id: 'one',
    name: 'ship',
    workerId: 'w1',
    sessionId: 'x',
    selectionId: 'x',
    bulkId: 'x',
  }
  return { engine, endedId, waitingId, named }
}

/** What is left of the hidden flow in a text; null when nothing is. */
export function traceIn({ endedId, waitingId }: HiddenFlow, text: string): string | null {
  return TRACES.exec(text)?.[0] ?? [endedId, waitingId].find((id) => text.includes(id)) ?? null
}

/** Calls a route as badly as possible: with the hidden flow wherever something can be named. */
export async function callHidden(
  { engine, named }: HiddenFlow,
  options: RouterOptions,
  { name, search = '', body }: { readonly name: RouteName; readonly search?: string; readonly body?: unknown },
): Promise<Response> {
  const { method, path } = ROUTES[name]
  const url = path.replaceAll(/:(\w+)/g, (_whole, parameter: string) => encodeURIComponent(named[parameter] ?? ''))
  return createPerfectRouter(engine, options).request(url + search, {
    method: method.toUpperCase(),
    ...(method !== 'get' && { body: JSON.stringify(body ?? {}) }),
    headers: { ...(method !== 'get' && { 'content-type': 'application/json' }), 'if-match': '*' },
  })
}
