import { describe, expect, it } from 'vitest'

import { aRun, aTask } from '../testing/records.ts'
import { timelineOf } from './run-history.ts'

describe('timelineOf()', () => {
  it('tells of the queue, the run and its calls, by the time of their start', () => {
    const run = aRun({ createdAt: 1000, startedAt: 3000, finishedAt: 9000, status: 'succeeded', flowId: 'etl' })
    const late = aTask({ key: 'pages#1[a]/fetch#1', name: 'fetch', seq: 1, startedAt: 5000, finishedAt: 6500 })
    const early = aTask({ key: 'load#1', name: 'load', seq: 2, startedAt: 4000, finishedAt: null })
    expect(timelineOf(run, [late, early])).toMatchObject([
      { kind: 'queue', name: 'etl', from: '1970-01-01T00:00:01.000Z', durationMs: 2000 },
      { kind: 'run', key: null, durationMs: 6000 },
      { kind: 'task', key: 'load#1', scopes: [], to: null, durationMs: null },
      { kind: 'task', key: 'pages#1[a]/fetch#1', scopes: ['pages#1[a]'], durationMs: 1500 },
    ])
  })

  it('tells of a run that has not begun only that it waits, and never of a negative time', () => {
    expect(timelineOf(aRun({ createdAt: 1000, status: 'queued', startedAt: null }), [])).toMatchObject([
      { kind: 'queue', status: 'queued', to: null },
    ])
    const [queue] = timelineOf(aRun({ createdAt: 5000, startedAt: 1000, status: 'running' }), [])
    expect(queue).toMatchObject({ durationMs: 0 })
  })
})
