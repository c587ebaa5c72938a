import type { FlowEngine, RunPage, RunsFilter, RunsQuery } from '@perfect/core'

import { openCursor, sealCursor } from '../cursors.ts'
import type { PageQuery } from '../schema/page-schema.ts'

/** A page of the runs that fit a filter, newest first. @throws {PerfectError} CURSOR_INVALID, REQUEST_INVALID */
export async function runsPage(
  engine: FlowEngine,
  filter: RunsFilter,
  { limit, cursor, at }: PageQuery & Pick<RunsQuery, 'at'>,
  asked: unknown = filter,
): Promise<RunPage> {
  const place = cursor === undefined ? undefined : openCursor(asked, cursor)
  const { items, nextCursor, prevCursor } = await engine.getRuns({
    ...filter,
    limit,
    ...(at !== undefined && { at }),
    ...(place !== undefined && { cursor: place }),
  })
  return { items, nextCursor: sealCursor(asked, nextCursor), prevCursor: sealCursor(asked, prevCursor) }
}
