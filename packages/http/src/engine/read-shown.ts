import type { Page } from '@perfect/core'

/** Reads a page of what is shown: what is not is read over, so that a page has as many as it may have. */
export async function readShown<T>(
  read: (place: { readonly limit: number; readonly cursor?: string }) => Promise<Page<T>>,
  isShown: (item: T) => boolean,
  { limit, cursor: start }: { readonly limit: number; readonly cursor: string | null },
): Promise<Page<T>> {
  const items: T[] = []
  let cursor = start
  do {
    const page = await read({ limit: limit - items.length, ...(cursor !== null && { cursor }) })
    items.push(...page.items.filter(isShown))
    cursor = page.nextCursor
  } while (cursor !== null && items.length < limit)
  return { items, nextCursor: cursor }
}
