import type { FlowEngine, RunsFilter } from '@perfect/core'
import { parseRunFilter } from '@perfect/core/filter'
import type { Context } from 'hono'

import type { ApiEnv } from '../api-context.ts'
import { guardOf } from '../permit/flow-guard.ts'
import type { RunsUrlQuery } from '../schema/run-query-schemas.ts'

/**
 * Which runs a URL asks for: every parameter is a part of one filter text, so that there is one grammar.
 *
 * @throws {PerfectError} FILTER_INVALID
 */
export function toRunsFilter(
  engine: FlowEngine,
  { filter = '', flow, status = [], since, until, q }: Partial<RunsUrlQuery>,
): RunsFilter {
  const single = Object.entries({ flow, since, until }).flatMap(([field, value]) =>
    value === undefined ? [] : [`${field}:${quoted(value)}`],
  )
  const terms = [
    filter,
    ...single,
    ...(status.length === 0 ? [] : [`status:${status.join(',')}`]),
    ...(q === undefined || q === '' ? [] : [quoted(q)]),
  ]
  return withFlowIds(engine, parseRunFilter(terms.join(' ')))
}

function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&')}"`
}

// Runs of a flow that is not registered any more are still found by its id.
function withFlowIds(engine: FlowEngine, filter: RunsFilter): RunsFilter {
  const { flowIds, not } = filter
  if (flowIds === undefined && not?.flowIds === undefined) return filter
  const flows = engine.getFlows()
  const toId = (idOrName: string): string =>
    flows.find(({ id, name }) => id === idOrName || name === idOrName)?.id ?? idOrName
  return {
    ...filter,
    ...(flowIds && { flowIds: flowIds.map(toId) }),
    ...(not && { not: { ...not, ...(not.flowIds && { flowIds: not.flowIds.map(toId) }) } }),
  }
}

/** The runs of a filter that a request may read. */
export async function withinReadable(c: Context<ApiEnv>, filter: RunsFilter): Promise<RunsFilter> {
  const readable = await guardOf(c).readable()
  if (readable === null) return filter
  const { flowIds = [...readable] } = filter
  return { ...filter, flowIds: flowIds.filter((id) => readable.has(id)) }
}
