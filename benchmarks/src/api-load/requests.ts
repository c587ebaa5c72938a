import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Worker } from 'node:worker_threads'

import { getRequestListener } from '@hono/node-server'
import { aRun } from '@perfect/core/testing'

import type { Figures, Load } from '../harness/comparison.ts'
import { fileStorage } from '../harness/engine.ts'
import { fill, runIdAt } from '../harness/fill.ts'
import type { Requests, Timing } from './client.ts'

const STORED = 500
const AT = 1_700_000_000_000
const KNOWN_RUN = runIdAt(AT, 0)

/** Stores runs to list. */
export function fillRuns(folder: string): Promise<void> {
  return fill(fileStorage(folder), STORED, (index) =>
    aRun({
      id: runIdAt(AT + index, index),
      flowId: 'empty',
      status: 'succeeded',
      createdAt: AT + index,
      finishedAt: AT,
    }),
  )
}

/** Asks an app, over HTTP and from a thread of its own, as fast as it answers. */
export async function measureRequests(
  fetch: (request: Request) => Response | Promise<Response>,
  { runs, concurrency, warmUp }: Load,
): Promise<Figures> {
  const listener = getRequestListener(fetch)
  const server = createServer((request, response) => void listener(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const client = new Worker(new URL('client.ts', import.meta.url))
  /** @param share Of the requests: some answers are much larger than others. */
  const ask = async (method: 'GET' | 'POST', path: string, name: string, share: number): Promise<Figures> => {
    const times = (count: number): Requests => ({
      port,
      method,
      path,
      count: Math.ceil(count * share),
      lanes: concurrency,
    })
    await timed(client, times(warmUp))
    const { perSecond, p99Ms } = await timed(client, times(runs))
    return { [`${name}PerSecond`]: perSecond, [`${name}P99Ms`]: p99Ms }
  }
  const triggers = await ask('POST', '/engine/trigger/empty', 'triggers', 1)
  const lists = await ask('GET', '/engine/runs', 'lists', 0.1)
  const gets = await ask('GET', `/engine/runs/${KNOWN_RUN}`, 'gets', 0.5)
  await client.terminate()
  server.closeAllConnections()
  await new Promise((done) => server.close(done))
  return { ...triggers, ...lists, ...gets }
}

function timed(client: Worker, requests: Requests): Promise<Timing> {
  return new Promise((resolve, reject) => {
    client.once('error', reject)
    client.once('message', (timing: Timing) => {
      client.off('error', reject)
      resolve(timing)
    })
    client.postMessage(requests)
  })
}
