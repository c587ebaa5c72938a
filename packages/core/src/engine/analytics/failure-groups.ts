/* Why runs failed: failures of the same kind as one, from what the storage counts when a run ends. */
import { PerfectError } from '../../errors/perfect-error.ts'
import type { FailureGroupRecord } from '../../storage/records.ts'
import type { EngineParts } from '../engine-parts.ts'
import type { Page } from '../views.ts'

/** Which failures, the one that was seen last first. */
export interface FailuresQuery {
  /** Id or name of a flow. Default: all flows together. */
  readonly flow?: string
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
  { flow, since, cursor, limit = DEFAULT_LIMIT }: FailuresQuery,
): Promise<Page<FailureGroupView>> {
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT)
    throw new PerfectError(
      'REQUEST_INVALID',
      `"limit" is ${String(limit)}. Give a whole number from 1 to ${String(MAX_LIMIT)}.`,
      { details: { field: 'limit', value: String(limit) } },
    )
  const groups = await storage.failures.list({
    flowId: flow === undefined ? null : (registry.find(flow)?.id ?? flow),
    ...(since !== undefined && { seenFrom: Number(since) }),
    ...(cursor !== undefined && { after: fromCursor(cursor) }),
    limit: limit + 1,
  })
  const page = groups.slice(0, limit)
  const flows = await Promise.all(page.map(({ fingerprint }) => storage.failures.flows(fingerprint)))
  const last = groups.length > limit ? page.at(-1) : undefined
  return {
    items: page.map((group, index) => toView(group, flows[index] ?? [])),
    nextCursor: last ? Buffer.from(JSON.stringify([last.lastAt, last.fingerprint])).toString('base64url') : null,
  }
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

function fromCursor(cursor: string): { readonly lastAt: number; readonly fingerprint: string } {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    const [lastAt, fingerprint] = Array.isArray(parsed) ? (parsed as readonly unknown[]) : []
    if (typeof lastAt === 'number' && typeof fingerprint === 'string') return { lastAt, fingerprint }
  } catch {
    // Said below.
  }
  throw new PerfectError('CURSOR_INVALID', 'The cursor was not made by this list. Start again without one.', {
    details: { field: 'cursor', value: cursor.slice(0, 100) },
  })
}
