/*
 * Conditional requests (RFC 9110): an answer carries a tag of what it says, so that polling costs nothing while nothing changes, and a
 * change can name what it is a change of.
 */
import { createHash } from 'node:crypto'

import { PerfectError } from '@perfect/core'
import type { Context } from 'hono'
import type { TypedResponse } from 'hono/types'

import type { ApiEnv } from './api-context.ts'

/** Answers with JSON and its tag; without a body when the caller has it already. */
export function answerTagged<T extends object>(
  c: Context<ApiEnv>,
  value: T,
  tag?: string,
): Response & TypedResponse<T, 200, 'json'> {
  const text = JSON.stringify(value)
  const etag = tag ?? `"${digest(text)}"`
  c.header('etag', etag)
  const isKnown = listOf(c.req.header('if-none-match')).some((one) => one === '*' || weakly(one) === weakly(etag))
  const response = isKnown ? c.body(null, 304) : c.body(text, 200, { 'content-type': 'application/json' })
  return response as unknown as Response & TypedResponse<T, 200, 'json'>
}

/** A tag whose first part decides whether a change is one of what was read. */
export function twoPartTag(decisive: string, rest: string): string {
  return `"${digest(decisive)}.${digest(decisive + rest)}"`
}

function digest(text: string): string {
  return createHash('sha1').update(text).digest('base64url')
}

/**
 * Makes the check of a change: that what is stored is what the caller has read.
 *
 * @throws {PerfectError} PRECONDITION_REQUIRED when the request does not say what it is a change of.
 */
export function readIfMatch(c: Context<ApiEnv>): (tag: string) => void {
  const header = c.req.header('if-match')
  if (header === undefined)
    throw new PerfectError(
      'PRECONDITION_REQUIRED',
      'This changes something that others may have changed. Send the "ETag" that you have read as "If-Match", or "If-Match: *".',
      { details: { field: 'if-match' } },
    )
  const tags = new Set(listOf(header).map(decisivePart))
  return (tag) => {
    // Compared strictly: a weak tag does not say that it is the same.
    if (tags.has('*') || tags.has(decisivePart(tag))) return
    throw new PerfectError(
      'PRECONDITION_FAILED',
      `It has been changed since it was read: its tag is ${tag} now. Read it again, and change what is there now.`,
      { details: { field: 'if-match', value: header.slice(0, 200), current: tag } },
    )
  }
}

function listOf(header: string | undefined): readonly string[] {
  return (header ?? '').split(',').map((one) => one.trim())
}

function decisivePart(tag: string): string {
  return tag.split('.', 1)[0] ?? tag
}

function weakly(tag: string): string {
  return tag.replace(/^W\//, '')
}
