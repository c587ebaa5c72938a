import type { EngineEvent, EngineEventName } from '@perfect/core'

import { invalidRequest } from '../problem.ts'

/** An event with the data of its type. */
export type AnyEngineEvent = { [N in EngineEventName]: EngineEvent<N> }[EngineEventName]

type Filter = (event: AnyEngineEvent) => boolean

const MAX_TOPICS = 100

const PLAIN_TOPICS: Readonly<Record<string, readonly EngineEventName[]>> = {
  runs: ['run.updated', 'run.removed'],
  flows: ['flow.updated', 'flow.removed'],
  clients: ['client.updated', 'client.log'],
  workers: ['worker.updated'],
  schedules: ['schedule.updated', 'schedule.removed', 'schedule.fired', 'schedule.missed'],
}

const RUN_TOPICS: Readonly<Record<string, (id: string) => Filter>> = {
  run: (id) => (event) =>
    (event.type === 'run.updated' && event.data.id === id) ||
    (event.type === 'task.updated' && event.data.runId === id),
  logs: (id) => (event) => event.type === 'log.appended' && event.data.runId === id,
}

/**
 * Which events a list of topics stands for: `runs`, `flows`, `clients`, `workers`, `schedules`, `run:<id>` and `logs:<id>`, separated by commas.
 * Without a list, all events.
 *
 * @throws {PerfectError} REQUEST_INVALID for a topic that does not exist.
 */
export function toTopicFilter(topics: string | undefined): Filter {
  if (topics === undefined || topics === '') return () => true
  const names = new Set(topics.split(',').map((topic) => topic.trim()))
  if (names.size > MAX_TOPICS)
    throw invalidRequest([{ pointer: '/query/topics', message: `More than ${String(MAX_TOPICS)} topics` }])
  const filters = [...names].map(toFilter)
  return (event) => filters.some((wants) => wants(event))
}

function toFilter(topic: string): Filter {
  const colon = topic.indexOf(':')
  const kind = colon === -1 ? topic : topic.slice(0, colon)
  const id = topic.slice(colon + 1)
  const types = colon === -1 && Object.hasOwn(PLAIN_TOPICS, kind) ? PLAIN_TOPICS[kind] : undefined
  if (types) return (event) => types.includes(event.type)
  const make = colon !== -1 && id !== '' && Object.hasOwn(RUN_TOPICS, kind) ? RUN_TOPICS[kind] : undefined
  if (make) return make(id)
  const known = [...Object.keys(PLAIN_TOPICS), ...Object.keys(RUN_TOPICS).map((name) => `${name}:<id>`)].join(', ')
  throw invalidRequest([
    { pointer: '/query/topics', message: `${JSON.stringify(topic.slice(0, 100))} is no topic; give some of ${known}` },
  ])
}
