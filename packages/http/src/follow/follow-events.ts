/*
 * Follows live events from a browser or any other program: opens the stream, comes back after a loss where it was, and says when the
 * lists have to be read anew. It imports nothing of the server.
 */
import type { EngineEvents } from '@perfect/core'

import { problemError } from '../problem-error.ts'
import { openEventSocket } from './socket-messages.ts'
import { openEventStream } from './stream-messages.ts'

/** The first message of each connection. */
export interface HelloMessage {
  readonly type: 'hello'
  readonly id: string
  readonly data: {
    /** Identifier of the engine; another one after it was started again. */
    readonly engineId: string
    /** Time of the server, RFC 3339. */
    readonly serverTime: string
    /** Identifier of its newest event. */
    readonly lastId: string
    /** Version of the server; another one than before means that a page it has served may be out of date. */
    readonly version: string
    /** Version of the API, a date. */
    readonly apiVersion: string
    /** What can be done here: the scopes of the caller (all where nobody is asked who calls), and whether client processes are declared. */
    readonly capabilities: { readonly scopes: readonly string[]; readonly clients: boolean }
  }
}

/** Some events are missing: read what you show anew. The stream goes on from here. */
export interface ResetMessage {
  readonly type: 'reset'
  readonly id: string
  readonly data: {
    /** Identifier of the newest event. */
    readonly lastId: string
  }
}

/** A message of the live stream: an event with its data, the greeting of a connection, or `reset`. */
export type LiveEvent =
  | {
      [N in keyof EngineEvents]: { readonly type: N; readonly id: string; readonly data: EngineEvents[N] }
    }[keyof EngineEvents]
  | HelloMessage
  | ResetMessage

/** What to follow, and how. */
export interface FollowOptions {
  /** `runs`, `flows`, `clients`, `workers`, `schedules`, `run:<id>`, `logs:<id>`. Default: all events. */
  readonly topics?: readonly string[]
  /** Go on after this event. Default: begins with the next one. */
  readonly lastEventId?: string
  /** `webSocket` knows its caller by cookies only: browsers send no token with it. Default: `"sse"`. */
  readonly carrier?: 'sse' | 'webSocket'
  /** Sent as `Authorization: Bearer ...`; only with `"sse"`. */
  readonly token?: string
  /** Ends it. */
  readonly signal?: AbortSignal
  /** Default: the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch
}

/** What a connection brings; `alive` is a sign of life that tells how far the stream is. */
export type WireMessage = LiveEvent | { readonly type: 'alive'; readonly id: string }

/** What a connection is opened with. */
export interface Connection {
  readonly url: string
  readonly token: string | undefined
  readonly fetch: typeof globalThis.fetch
  /** Ends the connection. */
  readonly signal: AbortSignal
}

const FIRST_DELAY_MS = 250
// More would let a page look dead after the server is back.
const LONGEST_DELAY_MS = 15_000
// The server gives a sign of life every 15 s; two may get lost.
const SILENCE_MS = 40_000

/**
 * Follows live events until its loop or `signal` ends it. After a loss it comes back by itself and goes on where it was; when that is
 * not possible, a `reset` comes first.
 *
 * @param baseUrl Where the API is mounted, for example `http://127.0.0.1:3000/api`.
 * @throws {PerfectError} UNAUTHORIZED, FORBIDDEN, REQUEST_INVALID and other refusals that coming back does not change.
 * @example
 * ```ts
 * for await (const event of followEvents('/api', { topics: ['runs'] })) {
 *   if (event.type === 'run.updated') console.log(event.data.id, event.data.progress.percent)
 *   if (event.type === 'reset') console.log('read the list of runs anew')
 * }
 * ```
 */
export async function* followEvents(baseUrl: string, options: FollowOptions = {}): AsyncGenerator<LiveEvent> {
  const { signal = new AbortController().signal } = options
  let lastEventId = options.lastEventId
  for (let failures = 0; !signal.aborted; failures += 1) {
    try {
      for await (const message of connect(baseUrl, options, lastEventId, signal)) {
        failures = 0
        if (lastEventId === undefined || message.type !== 'hello') lastEventId = message.id
        if (message.type !== 'alive') yield message
      }
    } catch (error) {
      if (problemError.isRefusal(error)) throw error
      // Why a connection was lost does not matter.
    }
    await delay(reconnectDelay(failures), signal)
  }
}

async function* connect(
  baseUrl: string,
  options: FollowOptions,
  lastEventId: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<WireMessage> {
  const { topics = [], carrier = 'sse', token, fetch = globalThis.fetch } = options
  const query = new URLSearchParams({
    ...(topics.length > 0 && { topics: topics.join(',') }),
    ...(lastEventId !== undefined && { lastEventId }),
  })
  const ended = new AbortController()
  const end = (): void => ended.abort()
  signal.addEventListener('abort', end)
  let silence = setTimeout(end, SILENCE_MS)
  try {
    const open = carrier === 'sse' ? openEventStream : openEventSocket
    const path = carrier === 'sse' ? 'events' : 'ws'
    const url = `${baseUrl}/engine/${path}?${query.toString()}`
    for await (const message of open({ url, token, fetch, signal: ended.signal })) {
      clearTimeout(silence)
      silence = setTimeout(end, SILENCE_MS)
      yield message
    }
  } finally {
    clearTimeout(silence)
    signal.removeEventListener('abort', end)
    end()
  }
}

// The random half keeps many pages from coming back in the same instant.
function reconnectDelay(failures: number): number {
  return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(failures, 10)) * (0.5 + Math.random() / 2)
}

async function delay(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const done = (): void => resolve(undefined)
  const timer = setTimeout(done, ms)
  signal.addEventListener('abort', done)
  await promise
  clearTimeout(timer)
  signal.removeEventListener('abort', done)
}
