import type {
  ClientView,
  EngineEventName,
  FlowView,
  LogView,
  Page,
  RunDetailView,
  RunView,
  WorkerView,
} from '@perfect/core'

import { ApiError, readProblem } from './api-error.ts'
import type {
  DashboardClient,
  EngineInfo,
  LogQuery,
  RunQuery,
  StreamMessage,
  StreamRequest,
} from './dashboard-client.ts'
import { readEventStream, type StreamBlock } from './event-stream.ts'

/** How to reach the HTTP API. */
export interface HttpClientOptions {
  /** Where the API is mounted, for example `/api`; resolved against the page. */
  readonly src: string
  /** Gives the bearer token of each request; `null` sends none. */
  readonly getToken?: (() => string | null | Promise<string | null>) | undefined
  /** Default: the browser's `fetch`. */
  readonly fetch?: typeof globalThis.fetch
}

/** A request without an answer counts as failed after this. Unit: ms. The live stream has no such limit. */
const TIMEOUT_MS = 20_000

type Parameters = Readonly<Record<string, string | number | readonly string[] | undefined>>

/** A client of Perfect's HTTP API. Cookies of the same origin go along, so a host's session works without a token. */
export function createHttpClient(options: HttpClientOptions): DashboardClient {
  const request = createRequest(options)
  const get = async <T>(path: string, parameters: Parameters = {}): Promise<T> =>
    (await (await request('GET', path + queryOf(parameters))).json()) as T
  const post = async <T>(path: string, body: unknown, headers: Record<string, string> = {}): Promise<T> =>
    (await (await request('POST', path, { body, headers })).json()) as T

  return {
    getInfo: async () => get<EngineInfo>('/engine/info'),
    getFlows: async () => allPages(async (cursor) => get<Page<FlowView>>('/engine/flows', { cursor })),
    getRuns: async (query) => get<Page<RunView>>('/engine/runs', runParameters(query)),
    getRun: async (runId) => get<RunDetailView>(`/engine/runs/${part(runId)}`),
    getLogs: async (runId, query) => get<Page<LogView>>(`/engine/runs/${part(runId)}/logs`, logParameters(query)),
    getWorkers: async () => allPages(async (cursor) => get<Page<WorkerView>>('/engine/workers', { cursor })),
    getClients: async () => (await get<Page<ClientView>>('/client/status')).items,
    triggerFlow: async (flowId, { idempotencyKey, ...body }) => {
      const headers = { 'idempotency-key': idempotencyKey }
      return (await post<{ run: RunView }>(`/engine/trigger/${part(flowId)}`, body, headers)).run
    },
    cancelRun: async (runId) => (await post<{ run: RunView }>(`/engine/runs/${part(runId)}/cancel`, {})).run,
    startClient: async (id) => (await post<Page<ClientView>>('/client/start', { id })).items,
    restartClient: async (id) => (await post<Page<ClientView>>('/client/restart', { id })).items,
    stopClient: async (id) => (await post<Page<ClientView>>('/client/stop', { id })).items,
    stream: (wanted) => openStream(request, wanted),
  }
}

interface RequestOptions {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

type Request = (method: string, path: string, options?: RequestOptions) => Promise<Response>

function createRequest({ src, getToken, fetch = globalThis.fetch.bind(globalThis) }: HttpClientOptions): Request {
  const base = src.replace(/\/+$/, '')
  return async (method, path, { body, headers, signal } = {}) => {
    const token = (await getToken?.()) ?? null
    const init: RequestInit = {
      method,
      credentials: 'same-origin',
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: signal ?? AbortSignal.timeout(TIMEOUT_MS),
    }
    const response = await fetch(base + path, init).catch((error: unknown) => {
      throw new ApiError({ status: 0, code: 'NETWORK', message: 'The server cannot be reached.', cause: error })
    })
    if (!response.ok) throw await readProblem(response)
    return response
  }
}

async function* openStream(request: Request, wanted: StreamRequest): AsyncGenerator<StreamMessage> {
  const headers: Record<string, string> = { accept: 'text/event-stream' }
  if (wanted.lastEventId !== null) headers['last-event-id'] = wanted.lastEventId
  const path = `/engine/events${queryOf({ topics: wanted.topics.join(',') })}`
  const response = await request('GET', path, { headers, signal: wanted.signal })
  if (response.body === null) throw new ApiError({ status: 0, code: 'NETWORK', message: 'The live stream is empty.' })
  for await (const block of readEventStream(response.body)) yield toMessage(block)
}

function toMessage(block: StreamBlock): StreamMessage {
  if (block.kind === 'comment') return { type: 'alive' }
  if (block.event === 'reset') return { type: 'reset' }
  const data = JSON.parse(block.data === '' ? 'null' : block.data) as never
  if (block.event === 'hello') {
    const hello = data as { serverTime: string; lastId?: string | null }
    return { type: 'hello', serverTime: hello.serverTime, lastId: hello.lastId ?? null }
  }
  // An engine newer than this page may send names that are not known here; whoever listens by name ignores them.
  return { type: 'event', id: block.id ?? '', name: block.event as EngineEventName, data }
}

async function allPages<T>(read: (cursor: string | undefined) => Promise<Page<T>>): Promise<readonly T[]> {
  const items: T[] = []
  let cursor: string | undefined
  do {
    const page = await read(cursor)
    items.push(...page.items)
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  return items
}

function runParameters({ flowId, statuses, cursor, limit }: RunQuery): Parameters {
  return { flow: flowId, status: statuses, cursor, limit }
}

function logParameters({ after, before, minLevel, limit }: LogQuery): Parameters {
  return { after, before, level: minLevel, limit }
}

function queryOf(parameters: Parameters): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) {
    if (value === undefined) continue
    for (const one of Array.isArray(value) ? (value as readonly string[]) : [String(value)]) query.append(name, one)
  }
  const text = query.toString()
  return text === '' ? '' : `?${text}`
}

function part(segment: string): string {
  return encodeURIComponent(segment)
}
