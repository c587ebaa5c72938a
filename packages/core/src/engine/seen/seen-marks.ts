/* How far users have looked, and what has happened since. */
import { PerfectError } from '../../errors/perfect-error.ts'
import { SEEN_TOPICS, type SeenTopic } from '../../storage/seen-records.ts'
import type { EngineParts } from '../engine-parts.ts'
import type { News, Seen, SeenQuery } from './seen-types.ts'

type Parts = Pick<EngineParts, 'storage' | 'commit' | 'clock'>

const MAX_COUNT = 1000

/** How much is new to a user. */
export async function readSeen({ storage }: Parts, user: string | null, { flowIds }: SeenQuery): Promise<Seen> {
  const marks = await storage.seen.marks(user ?? '')
  const ofFlows = flowIds === undefined ? {} : { flowIds }
  const newsOf = async (topic: SeenTopic): Promise<News> => {
    const until = marks.find((mark) => mark.topic === topic)?.until ?? null
    const count = await storage.seen.count({ topic, after: until ?? 0, ...ofFlows, limit: MAX_COUNT + 1 })
    return {
      until: until === null ? null : new Date(until).toISOString(),
      count: Math.min(count, MAX_COUNT),
      isMore: count > MAX_COUNT,
    }
  }
  const [failures, alerts] = await Promise.all([newsOf('failures'), newsOf('alerts')])
  return { failures, alerts }
}

/** @throws {PerfectError} REQUEST_INVALID */
export async function markSeen(
  { commit, clock }: Parts,
  {
    user,
    topic,
    until,
  }: { readonly user: string | null; readonly topic: SeenTopic; readonly until: string | undefined },
): Promise<void> {
  if (!SEEN_TOPICS.includes(topic)) throw invalid('topic', topic, SEEN_TOPICS.map((one) => `"${one}"`).join(' or '))
  const now = clock.now()
  const at = until === undefined ? now : Date.parse(until)
  if (!(at >= 0)) throw invalid('until', until, 'an instant such as "2026-11-24T08:00:00Z"')
  // What is still to come cannot have been seen.
  const mark = { user: user ?? '', topic, until: Math.min(at, now) }
  await commit.append([{ type: 'seen.put', mark }], 'impatient')
}

function invalid(field: string, value: unknown, allowed: string): PerfectError {
  const shown = String(value).slice(0, 100)
  return new PerfectError('REQUEST_INVALID', `"${field}" is ${JSON.stringify(shown)}. Give ${allowed}.`, {
    details: { field, value: shown },
  })
}
