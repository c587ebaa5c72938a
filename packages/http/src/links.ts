import type { RunPage } from '@perfect/core'
import type { Context } from 'hono'

/** Path that the caller asked for, percent-encoded as it was sent. */
function requestPath(c: Context): string {
  // Express cuts the mount path off and keeps the whole one here.
  const env = c.env as { readonly incoming?: { readonly originalUrl?: unknown } } | undefined
  const original = env?.incoming?.originalUrl
  if (typeof original === 'string') return original.split('?', 1)[0] ?? original
  return new URL(c.req.url).pathname
}

/** Path of another route, under the same mount point. `own` is how the path of this request starts below it. */
export function siblingPath(c: Context, own: string, wanted: string): string {
  const path = requestPath(c)
  return path.slice(0, Math.max(0, path.lastIndexOf(own))) + wanted
}

/** Announces the next page of a list. Source: RFC 8288. */
export function linkNext(c: Context, parameter: string, value: string | null): void {
  if (value === null) return
  c.header('link', linkTo(c, parameter, value, 'next'))
}

/** Announces the pages beside one of a list of runs. Source: RFC 8288. */
export function linkRunPages(c: Context, { nextCursor, prevCursor }: Omit<RunPage, 'items'>): void {
  const links = [
    ...(prevCursor === null ? [] : [linkTo(c, 'cursor', prevCursor, 'prev')]),
    ...(nextCursor === null ? [] : [linkTo(c, 'cursor', nextCursor, 'next')]),
  ]
  if (links.length > 0) c.header('link', links.join(', '))
}

function linkTo(c: Context, parameter: string, value: string, rel: 'next' | 'prev'): string {
  const query = new URL(c.req.url).searchParams
  // A cursor says where the page is, and `around` how long it is to be.
  const around = query.get('around')
  if (around !== null) query.set('limit', around)
  for (const place of ['at', 'around']) query.delete(place)
  query.set(parameter, value)
  return `<${requestPath(c)}?${query.toString()}>; rel="${rel}"`
}
