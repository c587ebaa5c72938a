/* A schedule that runs every time it has missed runs each of its times, whatever happens to the engines, once. */
import type { Audit } from './audit.ts'
import type { ProgramPolicy } from './policies.ts'

// How long engines may need, after everything is well, to make up for what they have missed.
const CATCH_UP_MS = 8000

/** When the last of some schedules has had its last time. @param healedMs When all is well again. Unit: ms since the start. */
export function schedulesEnd(policies: Iterable<ProgramPolicy>, healedMs: number): number {
  const ends = [...policies].flatMap(({ schedule }) => (schedule === null ? [] : Math.max(healedMs, schedule.forMs)))
  return Math.max(healedMs, ...ends.map((end) => end + CATCH_UP_MS))
}

/** @param startAt When the schedules have begun. Unit: ms since 1970 UTC. */
export function checkSchedules(audit: Audit, startAt: number): void {
  for (const [flowId, { schedule }] of audit.policies) {
    if (schedule === null || schedule.missed !== 'all' || schedule.overlap !== 'allow') continue
    const { every, forMs } = schedule
    const times = audit.runs
      .flatMap((run) => (run.flowId === flowId && run.scheduleId !== null ? timeOf(run.idempotencyKey) : []))
      .toSorted((left, right) => left - right)
    // Where it begins depends on the clock of the engine that has seen it first.
    const [first] = times
    if (first === undefined) continue
    const last = startAt + Math.floor(forMs / every) * every
    const expected = Array.from({ length: (last - first) / every + 1 }, (_, index) => first + index * every)
    if (JSON.stringify(times) !== JSON.stringify(expected))
      audit.violation('schedule', `${flowId} ran at ${shown(times)} and not at ${shown(expected)}`)
  }
}

const ISO_CHARS = 24

function timeOf(key: string | null): number[] {
  return key === null ? [] : [Date.parse(key.slice(-ISO_CHARS))]
}

function shown(times: readonly number[]): string {
  return times.map((at) => new Date(at).toISOString().slice(17, 23)).join(' ')
}
