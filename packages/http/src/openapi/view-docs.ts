import type { RouteName } from '../route-table.ts'
import { IDEMPOTENT, KEY_CODES, TAGGED, type RouteDocs } from './route-facts.ts'

type ViewRouteName = Extract<RouteName, `${string}View` | 'listViews'>

const IF_MATCH = ['VIEW_NOT_FOUND', 'VIEW_NOT_OWNED', 'PRECONDITION_FAILED', 'PRECONDITION_REQUIRED'] as const

/** What is told of the routes of saved views. */
export const VIEW_DOCS: Readonly<Record<ViewRouteName, RouteDocs>> = {
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
