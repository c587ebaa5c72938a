import { PerfectError, type Page } from '@perfect/core'

import { openCursor, sealCursor } from '../cursors.ts'
import type { PageQuery } from '../schema/page-schema.ts'

/**
 * A page of a list that is whole in memory, in its own order.
 *
 * @throws {PerfectError} CURSOR_INVALID when the item that the cursor stands for is not in the list any more.
 */
export function listPage<T>(all: readonly T[], { limit, cursor }: PageQuery, keyOf: (item: T) => string): Page<T> {
  const start = cursor === undefined ? 0 : indexOf(all, openCursor(null, cursor), keyOf) + 1
  const items = all.slice(start, start + limit)
  const last = items.at(-1)
  const isMore = last !== undefined && start + limit < all.length
  return { items, nextCursor: isMore ? sealCursor(null, keyOf(last)) : null }
}

/** The same page with its items made into others. */
export async function mapPage<T, U>(page: Page<T>, map: (item: T) => Promise<U>): Promise<Page<U>> {
  return { ...page, items: await Promise.all(page.items.map(map)) }
}

function indexOf<T>(all: readonly T[], key: string, keyOf: (item: T) => string): number {
  const index = all.findIndex((item) => keyOf(item) === key)
  if (index !== -1) return index
  throw new PerfectError(
    'CURSOR_INVALID',
    'What the cursor stands for is not in the list any more. Start again without one.',
    {
      details: { field: 'cursor' },
    },
  )
}
