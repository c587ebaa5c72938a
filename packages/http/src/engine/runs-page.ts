import type { FlowEngine, Page, RunsFilter, RunView } from '@perfect/core'

import { openCursor, sealCursor } from '../cursors.ts'
import type { PageQuery } from '../schema/page-schema.ts'

/** A page of the runs that fit a filter, newest first. @throws {PerfectError} CURSOR_INVALID, REQUEST_INVALID */
export async function runsPage(
  engine: FlowEngine,
  filter: RunsFilter,
  { limit, cursor }: PageQuery,
  asked: unknown = filter,
): Promise<Page<RunView>> {
  const place = cursor === undefined ? undefined : openCursor(asked, cursor)
  const { items, nextCursor } = await engine.getRuns({
    ...filter,
    limit,
    ...(place !== undefined && { cursor: place }),
  })
  return { items, nextCursor: sealCursor(asked, nextCursor) }
}
