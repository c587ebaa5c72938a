import type { FlowView, Page, RunDetailView, RunView } from '@perfect/core'
import { createPerfectClient, type AppType, type Can, type FlowAction } from '@perfect/http'
import { hc } from 'hono/client'
import { assertType, describe, expectTypeOf, it } from 'vitest'

const client = createPerfectClient('http://127.0.0.1:3000/api')

describe('AppType', () => {
  it('gives typed answers', () => {
    expectTypeOf(client.engine.flows.$get().then((answer) => answer.json())).resolves.toEqualTypeOf<
      Page<FlowView & Can<FlowAction>>
    >()
    const detail = client.engine.runs[':runId'].$get({ param: { runId: 'x' } })
    expectTypeOf(detail.then((answer) => answer.json())).resolves.toEqualTypeOf<RunDetailView>()
    const triggered = client.engine.trigger[':flowId'].$post({ param: { flowId: 'x' } })
    expectTypeOf(triggered.then((answer) => answer.json())).resolves.toEqualTypeOf<{
      readonly run: RunView
      readonly result?: unknown
    }>()
  })

  it('is what a client made by hand gets, too', () => {
    expectTypeOf(hc<AppType>('/api')).toEqualTypeOf<typeof client>()
  })

  it('refuses what the API would refuse', () => {
    // @ts-expect-error -- the id of the flow is missing
    assertType(client.engine.trigger[':flowId'].$post({}))
    // @ts-expect-error -- a client has no command
    assertType(client.client.start.$post({ json: { command: 'sh' } }))
    // @ts-expect-error -- no such status
    assertType(client.engine.runs.$get({ query: { status: 'broken' } }))
    expectTypeOf(client.engine).not.toHaveProperty('nope')
  })
})
