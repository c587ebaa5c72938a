import { describe, expect, it } from 'vitest'

import { ROUTE_FLOWS } from '../../src/permit/route-flows.ts'
import { ROUTES, type RouteName } from '../../src/route-table.ts'
import { expectProblem } from '../sample-api.ts'
import { callHidden, notSecret, startHiddenFlow, traceIn } from './hidden-flow.ts'

const names = Object.keys(ROUTE_FLOWS) as readonly RouteName[]
const naming = names.filter((name) => ['flow', 'run', 'schedule', 'alert', 'every'].includes(ROUTE_FLOWS[name].of))
const listing = names.filter((name) => ROUTE_FLOWS[name].of === 'listed')
const telling = names.filter((name) => ROUTE_FLOWS[name].of === 'none' && !/[cC]lient/.test(name))

const BODIES: Readonly<Partial<Record<RouteName, unknown>>> = {
  registerFlow: { name: 'Secret' },
  registerFlowAlias: { name: 'Other', id: 'secret' },
  createSchedule: { flow: 'Secret', id: 'second', every: '1h' },
  previewSchedule: { every: '1h' },
  markSeen: { until: '2020-01-01T00:00:00Z' },
  selectRuns: { filter: 'flow:secret' },
}

// Each of them tries to get the hidden flow into the list.
const SEARCHES: Readonly<Partial<Record<RouteName, readonly string[]>>> = {
  listRuns: ['?count=true', '?flow=secret', '?filter=flow:Secret', '?filter=-flow:note', '?q=hush', '?status=failed'],
  getStats: ['?flow=secret', '?since=24h'],
  getStatsSeries: ['?flow=secret', '?bucket=day'],
  getRunHistogram: ['?flow=secret', '?bars=1'],
  listFailures: ['?flow=secret', '?limit=1'],
  listAlerts: ['?flow=secret', '?limit=1'],
  listSchedules: ['?flow=note'],
  getForecast: ['?to=2099-01-01T00:00:00Z'],
}

describe('permit', () => {
  it('is asked about every part of a path that names something of a flow', () => {
    for (const name of names) {
      const { of: use } = ROUTE_FLOWS[name]
      const part = /:(flow|run|schedule|alert)Id/.exec(ROUTES[name].path)?.[1]
      const asked = ['flow', 'run', 'schedule', 'alert'].includes(use) ? use : undefined
      expect([name, asked]).toEqual([name, part])
    }
  })

  it.each(naming)('keeps %s from whom it is not for, with the action and the flow', async (name) => {
    const hidden = await startHiddenFlow()
    const use = ROUTE_FLOWS[name]
    const before = await hidden.engine.getRuns()
    const response = await callHidden(hidden, { permit: notSecret }, { name, body: BODIES[name] })
    const { detail, details } = await expectProblem(response, 'FLOW_NOT_PERMITTED', 403)
    const action = 'action' in use ? use.action : ''
    const flow = use.of === 'every' ? /^\*$/ : /^secret/
    expect(details).toMatchObject({ action, flow: expect.stringMatching(flow) as string })
    expect(detail).toContain(`"${action}"`)
    expect(await hidden.engine.getRuns()).toEqual(before)
  })

  it.each(['registerFlow', 'registerFlowAlias', 'createSchedule'] as const)('is asked by %s', async (name) => {
    const hidden = await startHiddenFlow()
    const response = await callHidden(hidden, { permit: notSecret }, { name, body: BODIES[name] })
    await expectProblem(response, 'FLOW_NOT_PERMITTED', 403)
    expect(await hidden.engine.schedules.list()).toHaveLength(1)
  })

  it.each(listing.filter((name) => !/Events|Worker/.test(name)))('leaves no trace in %s', async (name) => {
    const hidden = await startHiddenFlow()
    for (const search of ['', ...(SEARCHES[name] ?? [])]) {
      const call = { name, search, body: BODIES[name] }
      const text = await (await callHidden(hidden, { permit: notSecret }, call)).text()
      expect([search, traceIn(hidden, text), /"(count|value|failed|runs)":[1-9]/.test(text)]).toEqual([
        search,
        null,
        false,
      ])
    }
    const open = await (await callHidden(hidden, { permit: () => true }, { name, body: BODIES[name] })).text()
    const counted = ['getStatsSeries', 'getRunHistogram', 'getSeen', 'markSeen'].includes(name)
      ? /"(failed|count)":1/.test(open)
      : name === 'checkVersions'
    expect([name, counted || traceIn(hidden, open) !== null]).toEqual([name, true])
  })

  it.each(telling)('leaves no trace in %s, which is about no flow', async (name) => {
    const hidden = await startHiddenFlow()
    const response = await callHidden(hidden, { permit: notSecret }, { name, body: BODIES[name] })
    expect(traceIn(hidden, await response.text())).toBeNull()
  })
})
