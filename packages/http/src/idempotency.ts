/*
 * `Idempotency-Key`: the same request sent again gets the answer of the first one, and does nothing. Answers are kept for a day in the
 * memory of this process, bounded. Starting and retrying runs do not need this: their keys are stored with the run.
 */
import { createHash } from 'node:crypto'

import { PerfectError } from '@perfect/core'
import type { Context, MiddlewareHandler } from 'hono'

import type { ApiEnv } from './api-context.ts'
import { invalidRequest } from './problem.ts'

interface Kept {
  readonly request: string
  readonly until: number
  /** undefined while the first request is not answered yet. */
  answer: { readonly status: number; readonly headers: [string, string][]; readonly text: string } | undefined
}

const KEEP_MS = 24 * 3_600_000
const MAX_KEPT = 10_000
const MAX_KEY_CHARS = 200
// Answers of one request carry these anew.
const OWN_HEADERS: ReadonlySet<string> = new Set(['request-id', 'date', 'content-length'])

/** Makes the middleware; it comes after the one that reads the body. */
export function createIdempotency(): () => MiddlewareHandler<ApiEnv> {
  const kept = new Map<string, Kept>()
  return () => async (c, next) => {
    const key = idempotencyKeyOf(c)
    if (key === undefined) return next()
    const place = JSON.stringify([c.get('perfect').principal?.name ?? null, c.req.method, c.req.path, key])
    const request = fingerprint(c.req.valid('json' as never))
    const known = kept.get(place)
    if (known && known.until > Date.now()) return replay(c, known, request)
    const entry: Kept = { request, until: Date.now() + KEEP_MS, answer: undefined }
    kept.delete(place)
    kept.set(place, entry)
    forgetOldest(kept)
    await next()
    // What failed through no fault of the caller is worth another try.
    if (c.res.status >= 500) kept.delete(place)
    else entry.answer = await copy(c)
  }
}

/**
 * The key of a request, in quotes as the draft of the standard writes it, or without.
 *
 * @throws {PerfectError} REQUEST_INVALID
 */
export function idempotencyKeyOf(c: Context<ApiEnv>): string | undefined {
  const header = c.req.header('idempotency-key')
  if (header === undefined) return undefined
  const key = /^"(.*)"$/.exec(header)?.[1] ?? header
  if (key !== '' && key.length <= MAX_KEY_CHARS) return key
  throw invalidRequest([
    { pointer: '/headers/idempotency-key', message: `Must be text of 1 to ${String(MAX_KEY_CHARS)} characters` },
  ])
}

function replay(c: Context<ApiEnv>, { request, answer }: Kept, now: string): Response {
  if (request !== now)
    throw new PerfectError(
      'IDEMPOTENCY_MISMATCH',
      'The header "Idempotency-Key" was sent before with another body. Use another key.',
      { details: { field: 'idempotency-key' } },
    )
  if (answer === undefined) {
    c.header('retry-after', '1')
    throw new PerfectError(
      'IDEMPOTENCY_BUSY',
      'The first request with this "Idempotency-Key" is not answered yet. Send it again in a moment.',
      { details: { field: 'idempotency-key' } },
    )
  }
  for (const [name, value] of answer.headers) c.header(name, value)
  c.header('idempotency-replayed', 'true')
  return c.newResponse(answer.text === '' ? null : answer.text, answer.status as 200)
}

async function copy(c: Context<ApiEnv>): Promise<NonNullable<Kept['answer']>> {
  const headers = [...c.res.headers].filter(([name]) => !OWN_HEADERS.has(name))
  return { status: c.res.status, headers, text: await c.res.clone().text() }
}

function fingerprint(body: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(body ?? null))
    .digest('base64url')
}

function forgetOldest(kept: Map<string, Kept>): void {
  const now = Date.now()
  for (const [place, { until }] of kept) {
    if (kept.size <= MAX_KEPT && until > now) return
    kept.delete(place)
  }
}
