import type { RunStatus, RunView } from '@perfect/core'

import { ACTIVE_STATUSES } from './runs.ts'

/** The groups of statuses that a list of runs can be narrowed to. */
export const STATUS_FILTERS = ['all', 'active', 'succeeded', 'failed', 'cancelled'] as const
/** A group of statuses. */
export type StatusFilter = (typeof STATUS_FILTERS)[number]

/** What a list of runs is narrowed to. */
export interface RunFilter {
  readonly status: StatusFilter
  /** null for every flow. */
  readonly flowId: string | null
}

/** The statuses of a group; undefined for all of them. */
export function statusesOf(filter: StatusFilter): readonly RunStatus[] | undefined {
  if (filter === 'all') return undefined
  return filter === 'active' ? ACTIVE_STATUSES : [filter]
}

/** Whether a run belongs in the list. */
export function matchesFilter(run: RunView, { status, flowId }: RunFilter): boolean {
  return (flowId === null || run.flowId === flowId) && (statusesOf(status)?.includes(run.status) ?? true)
}
