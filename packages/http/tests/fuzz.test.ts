import { approval, flow, step } from '@perfect/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { differences } from './contract.ts'
import { anyRequest, type FuzzRequest } from './fuzz/request-arbitrary.ts'
import { Things } from './fuzz/things.ts'
import { ended, sampleFlows, startApi, type SampleApi } from './sample-api.ts'

// They take some ten seconds.
const REQUESTS = Number(process.env['PERFECT_FUZZ_REQUESTS'] ?? 20_000)
const AT_ONCE = 25
const PATIENCE_MS = 30
const FLOWS = [
  ...sampleFlows(),
  flow('Asking', () => approval('ship', { timeout: '1d' })),
  flow('Failing', () => step('fail', () => Promise.reject(new Error('no')))),
]
const IDS = ['add', 'note', 'endless', 'asking', 'failing']
const LEAKS = [
  'hushed',
  'Hushed',
  process.cwd(),
  'node_modules',
  '.ts:',
  'node:internal',
  '    at ',
  'SQLITE',
  'SqliteError',
]

describe('the API under requests that nobody should send', () => {
  it('answers each as the document says, without a failure, a leak or a crash', { timeout: 120_000 }, async () => {
    const reported: string[] = []
    const api = await startApi(
      {
        onError: (error, { method, path }) => reported.push(`${method} ${path}: ${String(error)}`),
        permit: ({ flow: id }) => id !== 'hushed',
      },
      { alerts: [{ on: ['failed'], handler: () => Promise.reject(new Error('not now')) }] },
    )
    registerAll(api)
    // Nobody may see it, and nobody who calls knows of it.
    api.engine.registerFlow(flow('Hushed', { schedule: '0 3 * * *' }, () => Promise.reject(new Error('hushed'))))
    await ended(api.engine, (await api.engine.triggerFlow('hushed')).id)
    const things = await Things.of(api)
    const counts = new Map<number, number>()
    const send = async (request: FuzzRequest): Promise<void> => {
      const { status, problems } = await answerOf(request, things, api.app.fetch)
      counts.set(status, (counts.get(status) ?? 0) + 1)
      expect([shown(request), ...problems, ...reported]).toEqual([shown(request)])
    }
    const batch = fc.array(anyRequest, { minLength: AT_ONCE, maxLength: AT_ONCE })
    const all = fc.asyncProperty(batch, async (requests) => {
      registerAll(api)
      await Promise.all(requests.map(send))
    })
    await fc.assert(all, { numRuns: REQUESTS / AT_ONCE, seed: seedOf(), endOnFailure: true })
    // The same engine still does its work.
    registerAll(api)
    expect((await api.post('/engine/trigger/add?wait=5s', { input: { a: 1, b: 2 } })).ok).toBe(true)
    expect('polluted' in Object.prototype).toBe(false)
    expect([200, 201, 202, 204, 400, 404, 409, 415].filter((status) => !counts.has(status))).toEqual([])
    if (process.env['PERFECT_FUZZ_REQUESTS'] !== undefined) console.log('answers by status', counts)
  })
})

/** Puts back the flows that a request has removed. */
function registerAll({ engine }: SampleApi): void {
  const known = new Set(engine.getFlows().map(({ id }) => id))
  for (const [index, one] of FLOWS.entries()) if (!known.has(IDS[index] ?? '')) engine.registerFlow(one)
}

async function answerOf(
  request: FuzzRequest,
  things: Things,
  fetch: (request: Request) => Response | Promise<Response>,
): Promise<{ status: number; problems: readonly string[] }> {
  const patience = new AbortController()
  const timer = setTimeout(() => patience.abort(), PATIENCE_MS)
  const path = things.fill(request.path, request.pick)
  const url = new URL(`http://localhost${path}?${request.query}`)
  const sent = new Request(url, {
    method: request.method,
    headers: request.headers,
    body: request.body,
    signal: patience.signal,
  })
  try {
    const response = await fetch(sent)
    const problems = [...(await differences(sent.method, url.pathname, response))]
    if (response.status >= 500) problems.push(`It answers with ${String(response.status)}.`)
    if (response.headers.get('content-type')?.startsWith('text/event-stream')) await response.body?.cancel()
    else {
      const text = await response.text()
      const told = withoutPlaces(text)
      problems.push(...LEAKS.filter((leak) => told.includes(leak)).map((leak) => `It tells "${leak}": ${told}`))
      things.learn(text)
    }
    return { status: response.status, problems }
  } finally {
    clearTimeout(timer)
  }
}

/** What the journal keeps of a failed task, and where a flow has changed, is for who may read runs, and meant to be seen. */
function withoutPlaces(text: string): string {
  return text.replaceAll(/"stack":"(?:[^"\\]|\\.)*"/g, '').replaceAll(/which it did not before \([^)]*\)/g, '')
}

function shown({ method, path, query, headers, body }: FuzzRequest): string {
  const text = typeof body === 'string' ? body.slice(0, 2000) : String(body)
  return `${method} ${path}?${query} ${JSON.stringify(headers)} ${text}`
}

/** Another seed each time finds more; a failure names its own. */
function seedOf(): number {
  return Number(process.env['PERFECT_FUZZ_SEED'] ?? Date.now() % 2 ** 31)
}
