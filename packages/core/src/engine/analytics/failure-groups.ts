/* Why runs failed: failures of the same kind as one, from what the storage counts when a run ends. */
import type { FailureQuery } from '../../storage/figure-reads.ts'
import type { FailureGroupRecord } from '../../storage/records.ts'
import { MAX_FAILURES } from '../../storage/run-rules.ts'
import type { Storage } from '../../storage/storage.ts'
import type { EngineParts } from '../engine-parts.ts'
import { checkLimit, fromCursor, toCursor } from '../page-query.ts'
import type { Page } from '../views.ts'

/** Which failures, the one that was seen last first. */
export interface FailuresQuery {
  /** Id or name of a flow. Default: all flows together. */
  readonly flow?: string
  /** Ids of flows of which failures are told. Default: all. */
  readonly flows?: readonly string[]
  /** Seen at this time or later. */
  readonly since?: Date | number
  /** `nextCursor` of the page before. */
  readonly cursor?: string
  /** Range: 1..200. Default: 50. */
  readonly limit?: number
}

/** Runs that failed for the same reason. */
export interface FailureGroupView {
  /** Names the group: made of the code, the task, and the message without what differs from run to run. */
  readonly fingerprint: string
  readonly code: string | null
  /** Name of the task whose error it was; null when the flow itself failed. */
  readonly task: string | null
  /** The message with marks for what differs: `No row <number>`. */
  readonly pattern: string
  /** The newest message, shortened. */
  readonly message: string
  /** Range: >= 1. */
  readonly runs: number
  readonly firstSeenAt: string
  readonly lastSeenAt: string
  /** The run that failed last. It may have been removed since. */
  readonly exampleRunId: string
  /** Flows in which it was seen, most runs first, at most 20. */
  readonly flows: readonly { readonly flowId: string; readonly runs: number }[]
}

const DEFAULT_LIMIT = 50
const MAX_LIMIT = 200

/** @throws {PerfectError} CURSOR_INVALID, REQUEST_INVALID */
export async function failureGroups(
  { storage, registry }: EngineParts,
  { flow, flows, since, cursor, limit = DEFAULT_LIMIT }: FailuresQuery,
): Promise<Page<FailureGroupView>> {
  checkLimit(limit, MAX_LIMIT)
  const groups = await groupsOf(storage, flows, {
    flowId: flow === undefined ? null : (registry.find(flow)?.id ?? flow),
    ...(since !== undefined && { seenFrom: Number(since) }),
    ...(cursor !== undefined && { after: placeOf(cursor) }),
    limit: limit + 1,
  })
  const page = groups.slice(0, limit)
  const seenIn = await Promise.all(page.map(({ fingerprint }) => storage.failures.flows(fingerprint)))
  const isTold = ({ flowId }: { readonly flowId: string }): boolean => flows === undefined || flows.includes(flowId)
  const last = groups.length > limit ? page.at(-1) : undefined
  return {
    items: page.map((group, index) => toView(group, (seenIn[index] ?? []).filter(isTold))),
    nextCursor: last ? toCursor(last.lastAt, last.fingerprint) : null,
  }
}

/** Groups of some flows as one list. Each flow is read by itself, since the groups of all flows count the others too. */
async function groupsOf(
  { failures }: Storage,
  flows: readonly string[] | undefined,
  query: FailureQuery,
): Promise<readonly FailureGroupRecord[]> {
  const { flowId, after, limit } = query
  if (flows === undefined) return failures.list(query)
  const wanted = flowId === null ? flows : flows.filter((id) => id === flowId)
  const groups = new Map<string, FailureGroupRecord>()
  for (const id of wanted)
    // From the start: a group that comes later in the list of one flow may come earlier in that of all.
    for (const group of await failures.list({ ...rangeOf(query), flowId: id, limit: MAX_FAILURES }))
      groups.set(group.fingerprint, sumOf(groups.get(group.fingerprint), group))
  return [...groups.values()]
    .toSorted((left, right) => right.lastAt - left.lastAt || (left.fingerprint < right.fingerprint ? -1 : 1))
    .filter(
      ({ lastAt, fingerprint }) =>
        after === undefined || lastAt < after.lastAt || (lastAt === after.lastAt && fingerprint > after.fingerprint),
    )
    .slice(0, limit)
}

function rangeOf({ seenFrom }: FailureQuery): Pick<FailureQuery, 'seenFrom'> {
  return seenFrom === undefined ? {} : { seenFrom }
}

function sumOf(known: FailureGroupRecord | undefined, group: FailureGroupRecord): FailureGroupRecord {
  if (known === undefined) return group
  const newest = known.lastAt >= group.lastAt ? known : group
  return { ...newest, runs: known.runs + group.runs, firstAt: Math.min(known.firstAt, group.firstAt) }
}

function toView(
  { fingerprint, code, task, pattern, message, runs, firstAt, lastAt, exampleRunId }: FailureGroupRecord,
  flows: FailureGroupView['flows'],
): FailureGroupView {
  const at = (time: number): string => new Date(time).toISOString()
  return {
    fingerprint,
    code,
    task,
    pattern,
    message,
    runs,
    firstSeenAt: at(firstAt),
    lastSeenAt: at(lastAt),
    exampleRunId,
    flows,
  }
}

function placeOf(cursor: string): { readonly lastAt: number; readonly fingerprint: string } {
  const [lastAt, fingerprint] = fromCursor(cursor, isPlace)
  return { lastAt, fingerprint }
}

function isPlace(values: readonly unknown[]): values is readonly [lastAt: number, fingerprint: string] {
  return values.length === 2 && typeof values[0] === 'number' && typeof values[1] === 'string'
}
