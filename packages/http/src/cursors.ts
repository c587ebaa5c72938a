/*
 * Cursors of lists. Each is bound to what was asked for: with another filter it would skip items and nobody would notice. It gives no
 * access to anything, so its checksum needs no secret.
 */
import { createHash } from 'node:crypto'

import { PerfectError } from '@perfect/core'

const SUM_CHARS = 12

/** A cursor for the next page of a list; null when there is none. @param asked Everything that decides what is in the list. */
export function sealCursor(asked: unknown, place: string | null): string | null {
  return place === null ? null : Buffer.from(sumOf(asked, place) + place).toString('base64url')
}

/** The place that a cursor stands for. @throws {PerfectError} CURSOR_INVALID */
export function openCursor(asked: unknown, cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString()
  const place = text.slice(SUM_CHARS)
  if (text.slice(0, SUM_CHARS) === sumOf(asked, place)) return place
  throw new PerfectError(
    'CURSOR_INVALID',
    'The cursor was not made by this list with this filter. Start again without one, or keep the filter as it was.',
    { details: { field: 'cursor', value: cursor.slice(0, 100) } },
  )
}

function sumOf(asked: unknown, place: string): string {
  return createHash('sha1')
    .update(JSON.stringify([asked, place]))
    .digest('base64url')
    .slice(0, SUM_CHARS)
}
