import type { EngineEvent, EngineEventName } from '@perfect/core'

import { invalidRequest } from '../problem.ts'

/** An event with the data of its type. */
export type AnyEngineEvent = { [N in EngineEventName]: EngineEvent<N> }[EngineEventName]

const MAX_TOPICS = 100

/** The topic of readers that named none: every event. */
const ALL_EVENTS = '*'

// Under each name that a reader may use, the topic that it stands for.
const PLAIN_TOPICS: Readonly<Record<string, string>> = {
  runs: 'runs',
  flows: 'flows',
  clients: 'clients',
  processes: 'clients',
  workers: 'workers',
  schedules: 'schedules',
}

const RUN_TOPICS: ReadonlySet<string> = new Set(['run', 'logs'])

/**
 * Reads a list of topics: `runs`, `flows`, `clients` (or `processes`), `workers`, `schedules`, `run:<id>` and `logs:<id>`, separated by commas.
 * Without a list, all events.
 *
 * @throws {PerfectError} REQUEST_INVALID for a topic that does not exist.
 */
export function parseTopics(topics: string | undefined): readonly string[] {
  if (topics === undefined || topics === '') return [ALL_EVENTS]
  const names = new Set(topics.split(',').map((topic) => topic.trim()))
  if (names.size > MAX_TOPICS)
    throw invalidRequest([{ pointer: '/query/topics', message: `More than ${String(MAX_TOPICS)} topics` }])
  return [...new Set([...names].map(toTopic))]
}

/** The topics that an event belongs to. */
export function topicsOf(event: AnyEngineEvent): readonly string[] {
  switch (event.type) {
    case 'run.updated':
    case 'run.removed':
      return [ALL_EVENTS, 'runs', `run:${event.data.id}`]
    case 'task.updated':
      return [ALL_EVENTS, `run:${event.data.runId}`]
    case 'log.appended':
      return [ALL_EVENTS, `logs:${event.data.runId}`]
    case 'flow.updated':
    case 'flow.removed':
      return [ALL_EVENTS, 'flows']
    case 'client.updated':
    case 'client.log':
      return [ALL_EVENTS, 'clients']
    case 'worker.updated':
      return [ALL_EVENTS, 'workers']
    case 'schedule.updated':
    case 'schedule.removed':
    case 'schedule.fired':
    case 'schedule.missed':
      return [ALL_EVENTS, 'schedules']
    // A `run.updated` follows.
    case 'run.triggered':
      return [ALL_EVENTS]
  }
}

function toTopic(topic: string): string {
  const plain = Object.hasOwn(PLAIN_TOPICS, topic) ? PLAIN_TOPICS[topic] : undefined
  if (plain !== undefined) return plain
  const colon = topic.indexOf(':')
  if (colon !== -1 && colon < topic.length - 1 && RUN_TOPICS.has(topic.slice(0, colon))) return topic
  const known = [...Object.keys(PLAIN_TOPICS), ...[...RUN_TOPICS].map((name) => `${name}:<id>`)].join(', ')
  throw invalidRequest([
    { pointer: '/query/topics', message: `${JSON.stringify(topic.slice(0, 100))} is no topic; give some of ${known}` },
  ])
}
