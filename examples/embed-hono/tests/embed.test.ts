import { afterAll, expect, it } from 'vitest'

import { app, engine } from '../src/app.ts'

afterAll(() => engine.stop({ drainMs: 100 }))

const local = { headers: { host: '127.0.0.1' } }

it('keeps the routes of the app, and triggers a flow from one of them', async () => {
  expect(await (await app.request('/')).text()).toBe('The shop is open.')
  const response = await app.request('/customers/Ada', { method: 'POST' })
  const { run } = (await response.json()) as { run: string }
  await expect.poll(async () => (await engine.getRun(run)).status).toBe('succeeded')
})

it('answers the API below the prefix of the app, and shows the dashboard beside it', async () => {
  const { items } = (await (await app.request('/ops/api/engine/runs', local)).json()) as { items: { flowId: string }[] }
  expect(items.map(({ flowId }) => flowId)).toEqual(['welcome'])
  expect(await (await app.request('/ops')).text()).toContain('<perfect-dashboard src="/ops/api">')
})
