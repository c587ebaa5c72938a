import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'

import type { AlertEvent } from '@perfect/core'

export const SECRET: string = `whsec_${Buffer.alloc(32, 7).toString('base64')}`

/** A webhook that was received. */
export interface Received {
  readonly id: string
  readonly at: number
  readonly event: AlertEvent
}

/** A server that takes webhooks whose signature is good, and answers as it is told. */
export class Receiver {
  readonly received: Received[] = []
  readonly #server: Server
  readonly #origin: string
  #answer: (response: ServerResponse) => void = (response) => response.end()

  /** @param own What it proves with who it is; without it, it speaks no TLS. */
  constructor(own?: { readonly key: string; readonly cert: string }) {
    const take = (request: IncomingMessage, response: ServerResponse): void => void this.#take(request, response)
    this.#server = own ? createTlsServer(own, take) : createServer(take)
    this.#origin = own ? 'https://localhost' : 'http://127.0.0.1'
  }

  async listen(): Promise<string> {
    await new Promise<void>((done) => void this.#server.listen(0, '127.0.0.1', done))
    return `${this.#origin}:${String((this.#server.address() as AddressInfo).port)}/hooks`
  }

  /** How it answers from now on. */
  answer(answer: (response: ServerResponse) => void): void {
    this.#answer = answer
  }

  status(status: number, headers: Readonly<Record<string, string>> = {}): void {
    this.answer((response) => response.writeHead(status, headers).end())
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    const { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': signature } = request.headers
    const key = Buffer.from(SECRET.slice(6), 'base64')
    const wanted = createHmac('sha256', key)
      .update(`${String(id)}.${String(time)}.${body}`)
      .digest()
    const given = Buffer.from(String(signature).replace('v1,', ''), 'base64')
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) {
      response.writeHead(401).end()
      return
    }
    this.received.push({ id: String(id), at: Number(time), event: JSON.parse(body) as AlertEvent })
    this.#answer(response)
  }
}
