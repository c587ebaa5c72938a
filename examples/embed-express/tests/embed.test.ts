import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { afterAll, beforeAll, expect, it } from 'vitest'

import { app, engine } from '../src/app.ts'

let server: Server
let url: string

beforeAll(async () => {
  await engine.start()
  server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`
})

afterAll(async () => {
  server.close()
  await engine.stop({ drainMs: 100 })
})

it('keeps the routes of the app, and triggers a flow from one of them', async () => {
  expect(await (await fetch(url)).text()).toBe('The shop is open.')
  const { run } = (await (await fetch(`${url}/invoices/Ada`, { method: 'POST' })).json()) as { run: string }
  await expect.poll(async () => (await engine.getRun(run)).status).toBe('succeeded')
})

it('answers the API below the prefix of the app, with the body of a request', async () => {
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ input: 'Grace', configuration: 'release' })
  const response = await fetch(`${url}/ops/api/engine/trigger/invoice`, { method: 'POST', headers, body })
  expect(response.status).toBe(202)
  const { run } = (await response.json()) as { run: { id: string; configuration: string } }
  expect(run.configuration).toBe('release')
  const detail = await fetch(`${url}/ops/api/engine/runs/${run.id}`)
  expect(detail.status).toBe(200)
})
