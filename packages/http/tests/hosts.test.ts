import type { RunAnswer } from '@perfect/http'
import { afterEach, describe, expect, it } from 'vitest'

import { findNginx, startNginx } from './hosts/nginx.ts'
import { HOSTS, PREFIX, type Host } from './hosts/servers.ts'
import { expectProblem, jsonOf, startEngine } from './sample-api.ts'

const nginx = findNginx()
const open: Host[] = []

afterEach(async () => {
  for (const host of open.splice(0).toReversed()) await host.close()
})

describe.each(Object.entries(HOSTS))('the API in %s', (_name, mount) => {
  it('answers, starts runs, refuses and follows events as it does anywhere', async () => {
    const host = await mount(await startEngine())
    open.push(host)
    expect(await (await fetch(host.url)).text()).toBe('host')
    await checkApi(`${host.url}${PREFIX}`, PREFIX)
  })

  // A machine of a developer may have none; where tests decide about a change there is one.
  it.runIf(nginx !== null || (process.env['CI'] !== undefined && process.platform === 'linux'))(
    'does so under a sub-path behind nginx',
    async () => {
      expect(nginx).not.toBeNull()
      if (nginx === null) throw new Error('nginx is missing. Install it: apt-get install nginx-light')
      const host = await mount(await startEngine())
      open.push(host)
      const proxy = await startNginx(nginx, host.url)
      open.push(proxy)
      await checkApi(`${proxy.url}${PREFIX}`, PREFIX)
    },
  )
})

/** @param prefix Where the API believes to be. */
async function checkApi(url: string, prefix: string): Promise<void> {
  expect((await fetch(`${url}/engine/flows`)).status).toBe(200)
  const events = await fetch(`${url}/engine/events?topics=runs`)
  expect(events.headers.get('content-type')).toMatch(/^text\/event-stream/)
  const started = await post(`${url}/engine/trigger/add?wait=5s`, { input: { a: 1, b: 2 } })
  expect([started.status, (await jsonOf<RunAnswer>(started)).run.status]).toEqual([200, 'succeeded'])
  expect(started.headers.get('location')).toMatch(new RegExp(`^${prefix}/engine/runs/run_`))
  expect(await readUntil(events, 'event: run.updated')).toContain('data: {')
  await expectProblem(await post(`${url}/engine/trigger/add`, { input: {} }), 'INPUT_INVALID', 422)
  await expectProblem(await fetch(`${url}/nope`), 'NOT_FOUND', 404)
  const text = await fetch(`${url}/engine/trigger/add`, { method: 'POST', body: 'x' })
  await expectProblem(text, 'CONTENT_TYPE_UNSUPPORTED', 415)
}

function post(url: string, body: unknown): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
}

async function readUntil(response: Response, mark: string): Promise<string> {
  const decoder = new TextDecoder()
  let seen = ''
  for await (const chunk of response.body ?? []) {
    seen += decoder.decode(chunk as Uint8Array, { stream: true })
    if (seen.includes(mark)) return seen
  }
  throw new Error(`The stream ended before "${mark}": ${seen}`)
}
