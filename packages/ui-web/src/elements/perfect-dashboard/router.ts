import { STATUS_FILTERS, type RunFilter } from '../../state/run-filter.ts'

/*
 * What the dashboard shows, as a value and as the path of a link.
 */

/** A page of the dashboard with what it is narrowed to. */
export type Route =
  | { readonly page: 'overview' }
  | { readonly page: 'flows' }
  | { readonly page: 'runs'; readonly filter: RunFilter }
  | { readonly page: 'run'; readonly runId: string }
  | { readonly page: 'processes' }

/** Reads the path of a link; anything unknown leads to the overview. */
export function parseRoute(path: string): Route {
  const [name = '', query = ''] = path.split('?')
  const [page, id] = name.split('/').filter((part) => part !== '')
  if (page === 'flows') return { page: 'flows' }
  if (page === 'processes') return { page: 'processes' }
  if (page !== 'runs') return { page: 'overview' }
  if (id !== undefined) return { page: 'run', runId: decode(id) }
  const parameters = new URLSearchParams(query)
  const status = STATUS_FILTERS.find((filter) => filter === parameters.get('status')) ?? 'all'
  return { page: 'runs', filter: { status, flowId: parameters.get('flow') } }
}

/** The path of a page. */
export function formatRoute(route: Route): string {
  switch (route.page) {
    case 'overview':
      return '/'
    case 'flows':
    case 'processes':
      return `/${route.page}`
    case 'run':
      return `/runs/${encodeURIComponent(route.runId)}`
    case 'runs': {
      const query = new URLSearchParams()
      if (route.filter.status !== 'all') query.set('status', route.filter.status)
      if (route.filter.flowId !== null) query.set('flow', route.filter.flowId)
      return query.size === 0 ? '/runs' : `/runs?${query.toString()}`
    }
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
