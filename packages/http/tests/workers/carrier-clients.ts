import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'

import { WebSocket } from 'ws'

type Json = Readonly<Record<string, unknown>>

/** The worker's end of a carrier. */
export interface CarrierClient {
  send(...messages: readonly unknown[]): Promise<void>
  /** The next message of a type; others before it are passed over. */
  next(type: string): Promise<Json>
  /** How the engine ended the connection. */
  closed(): Promise<{ readonly code: number; readonly reason: string }>
  /** Ends it from this side. */
  end(): Promise<void>
}

const DEADLINE_MS = 5000

/** Messages and the end of a connection, for those who wait for them. */
class Inbox {
  readonly #messages: Json[] = []
  readonly #end: PromiseWithResolvers<{ readonly code: number; readonly reason: string }> = Promise.withResolvers()
  #wake: () => void = () => undefined

  add(message: Json): void {
    this.#messages.push(message)
    this.#wake()
  }

  end(code: number, reason: string): void {
    this.#end.resolve({ code, reason })
  }

  closed(): Promise<{ readonly code: number; readonly reason: string }> {
    return within(this.#end.promise, 'the end of the connection')
  }

  async next(type: string): Promise<Json> {
    for (;;) {
      for (let message = this.#messages.shift(); message !== undefined; message = this.#messages.shift())
        if (message['type'] === type) return message
      await within(new Promise<void>((resolve) => (this.#wake = resolve)), `a message "${type}"`)
    }
  }
}

async function within<T>(promise: Promise<T>, what: string): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error(`No sign of ${what}.`)), DEADLINE_MS)
  try {
    return await Promise.race([promise, late.promise])
  } finally {
    clearTimeout(timer)
  }
}

/** Connects by WebSocket. */
export async function openWebSocket(
  url: string,
  headers: Record<string, string> = {},
): Promise<CarrierClient & { readonly socket: WebSocket }> {
  const inbox = new Inbox()
  const socket = new WebSocket(`${url.replace('http', 'ws')}/api/engine/workers/connect`, ['perfect.worker.v1'], {
    headers,
  })
  socket.on('message', (data) => inbox.add(JSON.parse((data as Buffer).toString()) as Json))
  socket.on('close', (code, reason) => inbox.end(code, reason.toString()))
  await within(
    new Promise((resolve, reject) => {
      socket.once('open', resolve)
      socket.once('error', reject)
    }),
    'an open WebSocket',
  )
  // The close tells what went wrong later.
  socket.on('error', () => undefined)
  return {
    socket,
    send: (...messages) => {
      for (const message of messages) socket.send(JSON.stringify(message))
      return Promise.resolve()
    },
    next: (type) => inbox.next(type),
    closed: () => inbox.closed(),
    async end() {
      socket.close()
      await inbox.closed()
    },
  }
}

/** Connects by long polling. */
export async function openPolling(
  url: string,
  headers: Record<string, string> = {},
): Promise<CarrierClient & { readonly sessionUrl: string; stopPolling(): void }> {
  const inbox = new Inbox()
  const sessions = `${url}/api/engine/workers/sessions`
  const opened = await call(sessions, 'POST', { protocol: 'perfect.worker.v1' }, headers)
  const { sessionId } = opened.body
  const sessionUrl = `${sessions}/${String(sessionId)}`
  const stop = new AbortController()
  void poll(sessionUrl, headers, inbox, stop.signal)
  return {
    sessionUrl,
    stopPolling: () => stop.abort(),
    async send(...messages) {
      const { status, body } = await call(`${sessionUrl}/messages`, 'POST', { messages }, headers)
      if (status !== 202) throw new Error(`Not taken: ${JSON.stringify(body)}`)
    },
    next: (type) => inbox.next(type),
    closed: () => inbox.closed(),
    // The poll that waits is answered by it.
    end: async () => void (await call(sessionUrl, 'DELETE', undefined, headers)),
  }
}

async function poll(
  sessionUrl: string,
  headers: Record<string, string>,
  inbox: Inbox,
  signal: AbortSignal,
): Promise<void> {
  let after = 0
  while (!signal.aborted) {
    try {
      const response = await fetch(`${sessionUrl}/messages?after=${String(after)}&waitMs=2000`, { headers, signal })
      if (response.status !== 200) return inbox.end(response.status, '')
      const answer = (await response.json()) as {
        messages: { n: number; message: Json }[]
        closed?: { code: number; reason: string }
      }
      for (const { n, message } of answer.messages) {
        after = n
        inbox.add(message)
      }
      if (answer.closed) return inbox.end(answer.closed.code, answer.closed.reason)
    } catch {
      return
    }
  }
}

export interface Answer {
  readonly status: number
  readonly type: string | null
  readonly body: Json
}

/** One request with JSON. */
export async function call(
  url: string,
  method: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    body: text === '' ? {} : (JSON.parse(text) as Json),
  }
}

/** The answer to an upgrade that is refused. */
export function refusedUpgrade(
  url: string,
  headers: Record<string, string> = {},
): Promise<{ readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: Json }> {
  const all = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'sec-websocket-protocol': 'perfect.worker.v1',
    ...headers,
  }
  return within(
    new Promise((resolve, reject) => {
      const request = httpRequest(url, { headers: all }, (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: JSON.parse(text) as Json }),
        )
      })
      request.on('upgrade', (_response, socket) => {
        socket.destroy()
        reject(new Error('The upgrade was granted.'))
      })
      request.on('error', reject)
      request.end()
    }),
    'an answer to the upgrade',
  )
}
