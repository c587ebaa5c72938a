/* Pages of the list of runs: on from a run, back from a run, or around a time. By ids, whose order is that of time. */
import { PerfectError } from '../errors/perfect-error.ts'
import type { RunRecord } from '../storage/records.ts'
import type { RunFilter, Storage } from '../storage/storage.ts'
import { fromCursor, toCursor } from './page-query.ts'
import type { RunsQuery } from './run-queries.ts'
import { toInstant, toRunFilter } from './runs-query.ts'

/** Records of a page, the newest first, and the cursors of the pages beside it. */
export interface RunRecordPage {
  readonly records: readonly RunRecord[]
  readonly nextCursor: string | null
  readonly prevCursor: string | null
}

/** @throws {PerfectError} CURSOR_INVALID, REQUEST_INVALID */
export function pageOfRuns(
  storage: Storage,
  { cursor, at, limit, ...query }: RunsQuery & { readonly limit: number },
): Promise<RunRecordPage> {
  const filter = toRunFilter(query)
  if (at !== undefined && cursor !== undefined)
    throw new PerfectError(
      'REQUEST_INVALID',
      'Both "at" and "cursor" say where the page is. Give "at" for the first page and only "cursor" for those beside it.',
      { details: { field: 'at', value: String(at) } },
    )
  if (at !== undefined) return pageAround(storage, filter, toInstant('at', at), limit)
  const [id, way]: Place | readonly [] = cursor === undefined ? [] : fromCursor(cursor, isPlace)
  return id !== undefined && way === 'back'
    ? pageBefore(storage, filter, id, limit)
    : pageAfter(storage, filter, id, limit)
}

async function pageAfter(
  storage: Storage,
  filter: RunFilter,
  id: string | undefined,
  limit: number,
): Promise<RunRecordPage> {
  const found = await storage.runs.list({ ...filter, ...(id !== undefined && { before: id }), limit: limit + 1 })
  return pageOf(found.slice(0, limit), { isNewer: id !== undefined, isOlder: found.length > limit })
}

async function pageBefore(storage: Storage, filter: RunFilter, id: string, limit: number): Promise<RunRecordPage> {
  const found = await storage.runs.list({ ...filter, after: id, oldestFirst: true, limit: limit + 1 })
  return pageOf(found.slice(0, limit).toReversed(), { isNewer: found.length > limit, isOlder: true })
}

async function pageAround(storage: Storage, filter: RunFilter, at: number, limit: number): Promise<RunRecordPage> {
  const createdBefore = Math.min(at, filter.createdBefore ?? at)
  const [edge] = await storage.runs.list({ ...filter, createdBefore, limit: 1 })
  const [newer, rest] = await Promise.all([
    storage.runs.list({ ...filter, ...(edge && { after: edge.id }), oldestFirst: true, limit: limit + 1 }),
    edge ? storage.runs.list({ ...filter, before: edge.id, limit }) : [],
  ])
  const older = edge ? [edge, ...rest] : []
  // What one side does not have is left to the other.
  const wanted = Math.max(Math.floor(limit / 2), limit - older.length)
  const after = newer.slice(0, Math.min(wanted, limit))
  const before = older.slice(0, limit - after.length)
  return pageOf([...after.toReversed(), ...before], {
    isNewer: newer.length > after.length,
    isOlder: older.length > before.length,
  })
}

function pageOf(
  records: readonly RunRecord[],
  { isNewer, isOlder }: { readonly isNewer: boolean; readonly isOlder: boolean },
): RunRecordPage {
  const [first, last] = [records[0], records.at(-1)]
  return {
    records,
    nextCursor: isOlder && last ? toCursor(last.id) : null,
    prevCursor: isNewer && first ? toCursor(first.id, 'back') : null,
  }
}

/** The id of a run, and for the way back a word for it. */
type Place = readonly [id: string] | readonly [id: string, way: 'back']

function isPlace(values: readonly unknown[]): values is Place {
  return typeof values[0] === 'string' && (values.length === 1 || (values.length === 2 && values[1] === 'back'))
}
