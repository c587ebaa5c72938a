/* What flows of a simulation declare beside their code, by chance. */
import type { FlowOptions } from '@perfect/core'

import type { Timeline } from './timeline.ts'

/** What a flow declares. */
export interface ProgramPolicy {
  /** null: a run takes as long as it needs. */
  readonly timeoutMs: number | null
  /** Runs in all that are made of a failing one. */
  readonly attempts: number
  readonly backoffMs: number
  /** Runs at a time. */
  readonly concurrency: number | null
  /** Runs at a time with an input that is even, or that is odd. */
  readonly perKey: number | null
  readonly rate: { readonly limit: number; readonly per: number } | null
  readonly schedule: ScheduleDraw | null
}

/** A schedule of intervals. */
export interface ScheduleDraw {
  readonly every: number
  readonly jitter: number
  readonly missed: 'skip' | 'last' | 'all'
  readonly overlap: 'skip' | 'queue' | 'cancel-running' | 'allow' | 'buffer-one'
  readonly forMs: number
}

// Input of scheduled runs.
const SCHEDULED_INPUT = 77

// With the last of each, none of its times may be left out.
const MISSED = ['skip', 'last', 'all', 'all'] as const
const OVERLAPS = ['skip', 'queue', 'cancel-running', 'buffer-one', 'allow', 'allow'] as const

/** @param willTimeOut Whether its runs wait for longer than they may. */
export function drawPolicy(timeline: Timeline, { willTimeOut, attempts }: PolicyNeeds): ProgramPolicy {
  const some = <T>(probability: number, draw: () => T): T | null => (timeline.chance(probability) ? draw() : null)
  return {
    timeoutMs: willTimeOut ? timeline.between(2000, 15_000) : null,
    attempts,
    backoffMs: timeline.between(0, 6000),
    concurrency: some(0.2, () => timeline.between(1, 2)),
    perKey: some(0.1, () => 1),
    rate: some(0.1, () => ({ limit: timeline.between(1, 2), per: timeline.between(1000, 5000) })),
    schedule: some(0.2, () => ({
      every: timeline.between(1, 5) * 1000,
      jitter: timeline.chance(0.3) ? 1000 : 0,
      missed: timeline.pick(MISSED),
      overlap: timeline.pick(OVERLAPS),
      forMs: timeline.between(5000, 20_000),
    })),
  }
}

/** What the code of a program asks of its policy. */
export interface PolicyNeeds {
  readonly willTimeOut: boolean
  readonly attempts: number
}

/** A policy as the options of a flow. @param startAt When schedules begin. Unit: ms since 1970 UTC. */
export function policyOptions(policy: ProgramPolicy, startAt: number): FlowOptions {
  const { timeoutMs, attempts, backoffMs, concurrency: limit, perKey, rate, schedule } = policy
  const key = (input: number): string => String(input % 2)
  return {
    ...(timeoutMs !== null && { timeout: timeoutMs }),
    ...(attempts > 1 && { retry: { attempts, backoff: backoffMs } }),
    ...((limit ?? perKey) !== null && {
      concurrency: { ...(limit !== null && { limit }), ...(perKey !== null && { perKey: { limit: perKey, key } }) },
    }),
    ...(rate !== null && { rateLimit: rate }),
    ...(schedule !== null && { schedule: scheduleOptions(schedule, startAt) }),
  }
}

function scheduleOptions({ every, jitter, missed, overlap, forMs }: ScheduleDraw, startAt: number) {
  const end = new Date(startAt + forMs)
  return { every, jitter, missed, overlap, start: new Date(startAt), end, input: SCHEDULED_INPUT }
}
