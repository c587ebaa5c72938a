/*
 * Sends a webhook, and nowhere it must not go: the name is resolved here, every address of it is looked at, and the connection is made to
 * the address that was looked at. Redirects are not followed, proxies of the environment are not asked, and of the answer only the status is read.
 */
import { lookup } from 'node:dns/promises'
import { request as requestHttp, STATUS_CODES, type IncomingMessage } from 'node:http'
import { request as requestHttps, type RequestOptions } from 'node:https'
import { isIP } from 'node:net'

import type { Clock } from '../../primitives/clock.ts'
import { hostOf, isAllowed } from './public-address.ts'

/** A webhook that is to be sent. */
export interface WebhookRequest {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Hosts that may be in a private network. */
  readonly allowPrivateHosts: readonly string[]
  readonly signal: AbortSignal
}

/** What was answered. */
export interface WebhookAnswer {
  readonly status: number
  /** What the status means; empty when it means nothing. */
  readonly meaning: string
  /** Header `Retry-After`. */
  readonly retryAfter: string | null
}

/** What it is sent with. */
export interface WebhookParts {
  readonly clock: Clock
  /** All addresses of a name. Default: those that this machine finds. */
  readonly resolve?: (host: string) => Promise<readonly string[]>
}

const TIMEOUT_MS = 15_000
// Nobody reads it; more than this and the connection is closed.
const MAX_ANSWER_BYTES = 65_536
const MAX_HEADER_BYTES = 16_384

/** Sends it. Rejects when there was no answer, or when the host must not be reached. */
export async function sendWebhook(
  { clock, resolve = addressesOf }: WebhookParts,
  webhook: WebhookRequest,
): Promise<WebhookAnswer> {
  const limit = new AbortController()
  const late = new Error(`no answer in ${String(TIMEOUT_MS / 1000)} s`)
  const stopTimer = clock.setTimer(TIMEOUT_MS, () => limit.abort(late), { ref: true })
  const signal = AbortSignal.any([limit.signal, webhook.signal])
  const { promise: stopped, reject } = Promise.withResolvers<never>()
  const stop = (): void => reject(signal.reason as Error)
  signal.addEventListener('abort', stop)
  if (signal.aborted) stop()
  try {
    const address = await Promise.race([allowedAddress(webhook, resolve), stopped])
    return await Promise.race([exchange(webhook, address, signal), stopped])
  } finally {
    signal.removeEventListener('abort', stop)
    stopTimer()
  }
}

async function allowedAddress(
  { url, allowPrivateHosts }: WebhookRequest,
  resolve: NonNullable<WebhookParts['resolve']>,
): Promise<string> {
  const host = hostOf(url)
  const addresses = isIP(host) === 0 ? await resolve(host) : [host]
  const [first] = addresses
  if (first === undefined) throw new Error(`the name ${host} has no address`)
  // Of a name with a forbidden address among others nothing is believed.
  const forbidden = addresses.find((address) => !isAllowed(url, address, allowPrivateHosts))
  if (forbidden !== undefined) throw new Error(`${host} is ${forbidden}, where webhooks may not be sent`)
  return first
}

async function addressesOf(host: string): Promise<readonly string[]> {
  const found = await lookup(host, { all: true, order: 'ipv4first' })
  return found.map(({ address }) => address)
}

function exchange(
  { url, headers, body }: WebhookRequest,
  address: string,
  signal: AbortSignal,
): Promise<WebhookAnswer> {
  const bytes = Buffer.from(body)
  const options: RequestOptions = {
    method: 'POST',
    headers: { ...headers, 'content-length': bytes.length },
    // A connection of its own: one that is kept could be to an address that nobody has looked at.
    agent: false,
    lookup: (_host, { all }, found) => {
      const family = isIP(address)
      if (all === true) found(null, [{ address, family }])
      else found(null, address, family)
    },
    maxHeaderSize: MAX_HEADER_BYTES,
    signal,
  }
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, options, (response) => {
      const { statusCode: status = 0, headers: answered } = response
      const meaning = STATUS_CODES[status] ?? ''
      readAway(response, () => resolve({ status, meaning, retryAfter: answered['retry-after'] ?? null }))
    })
    request.on('error', reject)
    request.end(bytes)
  })
}

function readAway(response: IncomingMessage, done: () => void): void {
  let size = 0
  response.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size > MAX_ANSWER_BYTES) response.destroy()
  })
  response.on('error', () => undefined)
  response.on('close', done)
}
