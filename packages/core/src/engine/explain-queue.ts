/* Why a run that is queued, or a task that needs a place, has to wait. */
import type { FlowDefinition } from '../definition/flow.ts'
import type { LinePlace } from '../journal/live-tasks.ts'
import type { RunRecord } from '../storage/records.ts'
import type { Limit } from '../storage/run-changes.ts'
import { gateSlot } from '../storage/run-rules.ts'
import type { LimitRoom, Storage } from '../storage/storage.ts'
import { count, inTime, span, time } from './explain-words.ts'
import { limitsOf } from './flow-limits.ts'

/** A limit that a queued run has to keep, and what is left of it. */
export interface LimitFact {
  readonly limit: Limit
  readonly room: LimitRoom
}

/** Where a queued run stands. */
export interface QueueFacts {
  /** Runs of its flow that come before it. */
  readonly ahead: number
  readonly limits: readonly LimitFact[]
}

/** Reads where a run stands; nothing for one that is not queued. */
export async function readQueue(
  storage: Storage,
  run: RunRecord,
  definition: FlowDefinition | undefined,
): Promise<QueueFacts> {
  if (run.status !== 'queued' || definition === undefined) return { ahead: 0, limits: [] }
  const gate = run.gate === null ? [] : [{ key: gateSlot(run.gate), max: 1 }]
  const limits: readonly Limit[] = [...gate, ...limitsOf(definition, run)]
  const [ahead, rooms] = await Promise.all([storage.line.ahead(run), storage.line.room(limits)])
  return { ahead, limits: limits.flatMap((limit, index) => (rooms[index] ? [{ limit, room: rooms[index] }] : [])) }
}

/** What keeps a queued run: the first limit that is used up; null when none is. */
export function usedUp(run: RunRecord, { limits }: QueueFacts, now: number): { text: string; advice: string } | null {
  const full = limits.find(({ room }) => room.free === 0)
  if (full === undefined) return null
  const { limit, room } = full
  const { max } = limit
  if ('perMs' in limit)
    return {
      text: `${count(max, 'run')} of its flow started within the last ${span(limit.perMs)}, which is its rate limit; the next may start at ${time(room.freeAt)}${inTime(room.freeAt, now)}`,
      advice: 'Wait, or raise the rateLimit of the flow.',
    }
  const held = room.holders.join(', ')
  if (run.gate !== null && limit.key === gateSlot(run.gate))
    return {
      text: `${held} of the same schedule has not ended`,
      advice: 'Wait for it, cancel it, or choose another overlap for the schedule.',
    }
  const key = run.limitKey !== null && limit.key.endsWith(`:${run.limitKey}`) ? ` with the key "${run.limitKey}"` : ''
  return {
    text: `${count(max, 'run')} of its flow${key} may run at a time (now ${held})`,
    advice: `Wait, or raise the concurrency of the flow${key === '' ? '' : ' per key'}.`,
  }
}

/** What a task waits for in line. */
export function inLineText(name: string, { limit, place }: LinePlace): string {
  const what =
    'perMs' in limit ? `${String(limit.max)} starts in ${span(limit.perMs)}` : `${String(limit.max)} at a time`
  return `Task "${name}" waits for limit "${limit.key}" (${what}) as number ${String(place)} in line`
}
