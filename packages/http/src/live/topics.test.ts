import { PerfectError } from '@perfect/core'
import { describe, expect, it } from 'vitest'

import { parseTopics, topicsOf, type AnyEngineEvent } from './topics.ts'

const events = [
  { id: 'e:1', type: 'run.triggered', data: { id: 'r1' } },
  { id: 'e:2', type: 'run.updated', data: { id: 'r1' } },
  { id: 'e:3', type: 'task.updated', data: { runId: 'r1', task: {} } },
  { id: 'e:4', type: 'log.appended', data: { runId: 'r1', lines: [] } },
  { id: 'e:5', type: 'run.updated', data: { id: 'r2' } },
  { id: 'e:6', type: 'flow.updated', data: { id: 'f' } },
  { id: 'e:7', type: 'flow.removed', data: { id: 'f' } },
  { id: 'e:8', type: 'client.updated', data: { id: 'c' } },
  { id: 'e:9', type: 'client.log', data: { id: 'c', lines: [] } },
  { id: 'e:10', type: 'worker.updated', data: { id: 'w' } },
] as unknown as readonly AnyEngineEvent[]

function passing(topics: string | undefined): number[] {
  const wanted = parseTopics(topics)
  return events
    .filter((event) => topicsOf(event).some((topic) => wanted.includes(topic)))
    .map(({ id }) => Number(id.slice(2)))
}

describe('parseTopics() and topicsOf()', () => {
  it.each([
    [undefined, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
    ['', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
    ['runs', [2, 5]],
    ['flows', [6, 7]],
    ['clients', [8, 9]],
    ['processes,clients', [8, 9]],
    ['workers', [10]],
    ['run:r1', [2, 3]],
    ['logs:r1', [4]],
    ['run:r2, workers', [5, 10]],
    ['run:nobody', []],
  ])('lets pass what %j stands for', (topics, expected) => {
    expect(passing(topics)).toEqual(expected)
  })

  it.each(['everything', 'runs,', 'run:', 'logs', 'runs:r1', 'constructor', '__proto__:x', ':', 'RUNS'])(
    'refuses %j',
    (topics) => {
      expect(() => parseTopics(topics)).toThrow(PerfectError)
    },
  )

  it('refuses more than 100 topics', () => {
    const topics = Array.from({ length: 101 }, (_, index) => `run:${String(index)}`).join(',')
    expect(() => parseTopics(topics)).toThrow('100')
  })
})
