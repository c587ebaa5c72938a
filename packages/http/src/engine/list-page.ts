import { PerfectError, type Page } from '@perfect/core'

import type { PageQuery } from '../schema/page-schema.ts'

/**
 * A page of a list that is whole in memory, in its own order.
 *
 * @throws {PerfectError} CURSOR_INVALID when the item that the cursor stands for is not in the list any more.
 */
export function listPage<T extends { readonly id: string }>(all: readonly T[], { limit, cursor }: PageQuery): Page<T> {
  const start = cursor === undefined ? 0 : indexOf(all, cursor) + 1
  const items = all.slice(start, start + limit)
  const last = items.at(-1)
  return { items, nextCursor: last && start + limit < all.length ? toCursor(last.id) : null }
}

function indexOf(all: readonly { readonly id: string }[], cursor: string): number {
  const index = all.findIndex(({ id }) => toCursor(id) === cursor)
  if (index !== -1) return index
  throw new PerfectError('CURSOR_INVALID', 'The cursor was not made by this list. Start again without one.', {
    details: { field: 'cursor', value: cursor.slice(0, 100) },
  })
}

function toCursor(id: string): string {
  return Buffer.from(id).toString('base64url')
}
