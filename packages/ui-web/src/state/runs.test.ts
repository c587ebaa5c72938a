import { describe, expect, test } from 'vitest'

import { ago, makeFlow, makeRun, makeSegments, makeTask, NOW } from '../../tests/fixture/make.ts'
import { matchesFilter } from './run-filter.ts'
import { durationOf, flowHealth, newestFirst, typicalDurations } from './runs.ts'
import { segmentsOf } from './segments.ts'
import { verdictOf } from './verdict.ts'

const ended = (id: string, status: 'succeeded' | 'failed', seconds: number, end: number) =>
  makeRun({ id, status, createdAt: ago(end + seconds), startedAt: ago(end + seconds), finishedAt: ago(end) })

describe('newestFirst()', () => {
  test('settles equal instants by the identifier', () => {
    const runs = [makeRun({ id: 'a' }), makeRun({ id: 'b' }), makeRun({ id: 'c', createdAt: ago(1) })]
    expect(runs.toSorted(newestFirst).map(({ id }) => id)).toEqual(['c', 'b', 'a'])
  })
})

describe('durationOf()', () => {
  test('counts until now, then until the end', () => {
    expect(durationOf(makeRun({ id: 'a', startedAt: ago(7) }), NOW)).toBe(7000)
    expect(durationOf(ended('a', 'failed', 3, 100), NOW)).toBe(3000)
    expect(durationOf(makeRun({ id: 'a', startedAt: null }), NOW)).toBe(null)
  })

  test('is never negative, even when a clock is wrong', () => {
    expect(durationOf(makeRun({ id: 'a', startedAt: ago(-9) }), NOW)).toBe(0)
  })
})

describe('typicalDurations()', () => {
  test('is the median of the successful runs, from three on', () => {
    const runs = [ended('a', 'succeeded', 1, 9), ended('b', 'succeeded', 2, 9)]
    expect(typicalDurations(runs).size).toBe(0)
    expect(typicalDurations([...runs, ended('c', 'succeeded', 60, 9), ended('d', 'failed', 900, 9)]).get('etl')).toBe(
      2000,
    )
  })
})

describe('flowHealth()', () => {
  test('counts only runs that succeeded or failed', () => {
    const [health] = flowHealth(
      [ended('a', 'succeeded', 1, 9), ended('b', 'failed', 1, 5), makeRun({ id: 'c', createdAt: ago(1) })],
      24,
    )
    expect(health?.successRate).toBe(0.5)
    expect(health?.runs.map(({ id }) => id)).toEqual(['a', 'b', 'c'])
  })
})

describe('matchesFilter()', () => {
  test('knows every active status as active', () => {
    const active = { status: 'active', flowId: null } as const
    expect(matchesFilter(makeRun({ id: 'a', status: 'waiting' }), active)).toBe(true)
    expect(matchesFilter(makeRun({ id: 'a', status: 'cancelled' }), active)).toBe(false)
    expect(matchesFilter(makeRun({ id: 'a' }), { status: 'all', flowId: 'other' })).toBe(false)
  })
})

describe('segmentsOf()', () => {
  const flow = makeFlow({
    name: 'etl',
    tasks: [
      { name: 'extract', weight: 1, estimatedMs: null },
      { name: 'load', weight: 3, estimatedMs: null },
    ],
  })
  const run = makeRun({
    id: 'a',
    progress: { percent: 50, done: 1, total: 2, current: null, found: null, segments: [] },
  })

  test('takes the segments of the engine', () => {
    const segments = makeSegments([['x', 1, 0.5]])
    expect(segmentsOf({ ...run, progress: { ...run.progress, segments } }, flow)).toBe(segments)
  })

  test('fills the planned weights from the left when nothing else is known', () => {
    expect(segmentsOf(run, flow).map(({ fraction }) => fraction)).toEqual([1, 1 / 3])
  })

  test('uses the tasks when they are known', () => {
    const tasks = new Map([['load#1', makeTask({ key: 'load#1', status: 'failed', fraction: 0.2 })]])
    expect(segmentsOf(run, flow, tasks)).toEqual([
      { name: 'load', weight: 3, fraction: 0.2, status: 'failed' },
      { name: 'extract', weight: 1, fraction: 0, status: 'pending' },
    ])
  })

  test('is one bar for a flow without a plan', () => {
    expect(segmentsOf(run, undefined)).toHaveLength(1)
  })
})

describe('verdictOf()', () => {
  test('says what goes on and how the last runs went', () => {
    const runs = [
      makeRun({ id: 'a' }),
      makeRun({ id: 'b', status: 'queued' }),
      ended('c', 'failed', 1, 9),
      ended('d', 'succeeded', 1, 5),
    ]
    const verdict = verdictOf(runs)
    expect(verdict.headline).toBe('1 run in progress, 1 queued.')
    expect(verdict.record).toBe('1 of the last 2 runs failed.')
    expect(verdict.lastFailure?.id).toBe('c')
  })

  test('says that nothing is running, and nothing of runs that never were', () => {
    expect(verdictOf([])).toEqual({ headline: 'All quiet, nothing is running.', record: null, lastFailure: null })
    expect(verdictOf([ended('a', 'succeeded', 1, 9)]).record).toBe('The last run went well.')
  })
})
