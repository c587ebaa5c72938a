import type { RouteName } from '../route-table.ts'
import { IDEMPOTENT, KEY_CODES, TAGGED, type RouteDocs } from './route-facts.ts'

type ViewRouteName = Extract<RouteName, `${string}View` | `${string}Seen` | 'listViews'>

const IF_MATCH = ['VIEW_NOT_FOUND', 'VIEW_NOT_OWNED', 'PRECONDITION_FAILED', 'PRECONDITION_REQUIRED'] as const

/** What is told of the routes of what users keep: saved views, and how far they have looked. */
export const VIEW_DOCS: Readonly<Record<ViewRouteName, RouteDocs>> = {
  getSeen: {
    tag: 'views',
    summary: 'Say how many failures and alerts are new to the caller',
    status: 200,
    codes: [],
    ...TAGGED,
  },
  markSeen: {
    tag: 'views',
    summary: 'Note that the caller has seen all failures or alerts up to an instant',
    status: 200,
    codes: [],
  },
  listViews: {
    tag: 'views',
    summary: "List the caller's saved views and those that are shared, oldest first",
    status: 200,
    codes: ['CURSOR_INVALID'],
    ...TAGGED,
  },
  createView: {
    tag: 'views',
    summary: 'Save a view: a filter with a name',
    status: 201,
    codes: ['VIEW_INVALID', 'FILTER_INVALID', 'VIEW_LIMIT', ...KEY_CODES],
    ...IDEMPOTENT,
  },
  getView: { tag: 'views', summary: 'Get a saved view', status: 200, codes: ['VIEW_NOT_FOUND'], ...TAGGED },
  replaceView: {
    tag: 'views',
    summary: 'Replace what a saved view says',
    status: 200,
    codes: ['VIEW_INVALID', 'FILTER_INVALID', ...IF_MATCH],
    headers: ['If-Match'],
  },
  removeView: { tag: 'views', summary: 'Forget a saved view', status: 204, codes: IF_MATCH, headers: ['If-Match'] },
}
