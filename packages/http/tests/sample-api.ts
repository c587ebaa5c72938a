import { FlowEngine, flow, memoryStorage, step, type EngineOptions, type RunView } from '@perfect/core'
import { createPerfectRouter, type AppType, type Problem, type RouterOptions } from '@perfect/http'
import { afterEach, expect } from 'vitest'
import { z } from 'zod'

import { differences } from './contract.ts'

const engines: FlowEngine[] = []

afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.stop({ drainMs: 0 })))
})

/** A flow that ends at once, one that checks its input, one that writes a log line and one that goes on until it is cancelled. */
export function sampleFlows(): readonly Parameters<FlowEngine['registerFlow']>[0][] {
  return [
    flow('Add', { input: z.object({ a: z.number(), b: z.number() }) }, ({ a, b }) => step('sum', () => a + b)),
    flow('Note', () => step('write', ({ log }) => log.info('noted'))),
    flow('Endless', () =>
      step('wait', ({ signal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', reject))),
    ),
  ]
}

/** A started engine with the sample flows, in memory. */
export async function startEngine(options: EngineOptions = {}): Promise<FlowEngine> {
  const engine = new FlowEngine({ storage: memoryStorage(), ...options })
  engines.push(engine)
  for (const one of sampleFlows()) engine.registerFlow(one)
  await engine.start()
  return engine
}

export interface SampleApi {
  readonly engine: FlowEngine
  readonly app: AppType
  readonly get: (path: string, headers?: Record<string, string>) => Promise<Response>
  readonly post: (path: string, body?: unknown, headers?: Record<string, string>) => Promise<Response>
  readonly send: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Response>
}

/** The router of a started engine, called without a network. */
export async function startApi(options: RouterOptions = {}, engineOptions: EngineOptions = {}): Promise<SampleApi> {
  return callerOf(await startEngine(engineOptions), options)
}

/** A router of an engine that is there, called without a network. */
export function callerOf(engine: FlowEngine, options: RouterOptions = {}): SampleApi {
  const app = checked(createPerfectRouter(engine, options))
  const send: SampleApi['send'] = async (method, path, body, headers = {}) =>
    app.request(path, {
      method,
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    })
  return {
    engine,
    app,
    get: async (path, headers = {}) => app.request(path, { headers }),
    post: (path, body, headers) => send('POST', path, body, headers),
    send,
  }
}

/** The router; each of its answers is held against the OpenAPI document. */
function checked(app: AppType): AppType {
  const request = app.request.bind(app)
  app.request = async (input, init, ...rest) => {
    const response = await request(input, init, ...rest)
    const sent = new Request(new URL(input instanceof Request ? input.url : input, 'http://localhost'), {
      method: init?.method ?? 'GET',
    })
    expect(await differences(sent.method, new URL(sent.url).pathname, response)).toEqual([])
    return response
  }
  return app
}

export async function jsonOf<T = Record<string, unknown>>(response: Response): Promise<T> {
  return (await response.json()) as T
}

/** Checks that an answer is the problem of a code, in every part that all problems have. */
export async function expectProblem(response: Response, code: string, status: number): Promise<Problem> {
  const problem = await jsonOf<Problem>(response)
  expect(problem).toMatchObject({ code, status })
  expect(response.status).toBe(status)
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  expect(problem.type).toBe(`urn:perfect:problem:${code.toLowerCase().replaceAll('_', '-')}`)
  expect(problem.title).not.toBe('')
  expect(problem.detail).not.toBe('')
  expect(problem.instance).toBe(`/requests/${response.headers.get('request-id') ?? ''}`)
  expect(JSON.stringify(problem)).not.toContain('.ts:')
  return problem
}

/** Opens a session of a worker. */
export function openSession({ post }: Pick<SampleApi, 'post'>): Promise<Response> {
  return post('/engine/workers/sessions', { protocol: 'perfect.worker.v1' })
}

/** Connects the worker `w1`. */
export async function connectedWorker(api: Pick<SampleApi, 'engine' | 'post'>): Promise<void> {
  const { sessionId } = await jsonOf<{ sessionId: string }>(await openSession(api))
  const hello = {
    type: 'hello',
    workerId: 'w1',
    name: 'w1',
    protocol: { min: 1, max: 1 },
    sdk: { name: 'test', version: '1', language: 'js', languageVersion: '1', os: 'x' },
    capabilities: [],
    slots: 1,
    labels: {},
    flows: [],
    inFlight: [],
    draining: false,
  }
  await api.post(`/engine/workers/sessions/${sessionId}/messages`, { messages: [hello] })
  await until('the worker is known', () => api.engine.workers.status().length > 0)
}

/** Waits until a run has ended. */
export async function ended(engine: FlowEngine, runId: string): Promise<RunView> {
  const deadline = performance.now() + 5000
  for (;;) {
    const run = await engine.getRun(runId)
    if (run.finishedAt !== null) return run
    if (performance.now() > deadline) throw new Error(`Run ${runId} is ${run.status}.`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** Waits until a condition holds. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 5000
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`It never came to this: ${what}.`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
