import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { makeRun, makeSegments, makeTask } from '../../tests/fixture/make.ts'
import { mergeRun, mergeTask } from './merge.ts'

const progressOf = (percent: number, fraction = percent / 100) => ({
  percent,
  done: Math.floor(percent / 10),
  total: 10,
  current: 'load',
  found: null,
  segments: makeSegments([['load', 3, fraction]]),
})

describe('mergeRun()', () => {
  test('takes a newer state', () => {
    const known = makeRun({ id: 'run_1', progress: progressOf(10) })
    const next = makeRun({ id: 'run_1', status: 'succeeded', progress: progressOf(100) })
    expect(mergeRun(known, next)).toMatchObject({ status: 'succeeded', progress: { percent: 100 } })
  })

  test('keeps the end of a run when an older state arrives late', () => {
    const ended = makeRun({ id: 'run_1', status: 'failed' })
    expect(mergeRun(ended, makeRun({ id: 'run_1', status: 'running' }))).toBe(ended)
  })

  test('ignores what an engine says that has lost the run', () => {
    const taken = makeRun({ id: 'run_1', epoch: 2 })
    expect(mergeRun(taken, makeRun({ id: 'run_1', epoch: 1, status: 'failed' }))).toBe(taken)
  })

  test('keeps the segments of a run that comes without', () => {
    const known = makeRun({ id: 'run_1', progress: progressOf(50) })
    const ended = makeRun({ id: 'run_1', status: 'cancelled', progress: { ...progressOf(50), segments: [] } })
    expect(mergeRun(known, ended).progress.segments).toEqual(known.progress.segments)
  })

  test('never shows less progress, whatever arrives in whatever order', () => {
    const state = fc.record({
      percent: fc.double({ min: 0, max: 100, noNaN: true }),
      epoch: fc.integer({ min: 1, max: 3 }),
    })
    fc.assert(
      fc.property(fc.array(state, { minLength: 1 }), (states) => {
        let shown = makeRun({ id: 'run_1', epoch: 0 })
        for (const { percent, epoch } of states) {
          const before = shown
          shown = mergeRun(shown, makeRun({ id: 'run_1', epoch, progress: progressOf(percent) }))
          expect(shown.progress.percent).toBeGreaterThanOrEqual(before.progress.percent)
          const [was] = before.progress.segments
          expect(shown.progress.segments[0]?.fraction ?? 0).toBeGreaterThanOrEqual(was?.fraction ?? 0)
        }
      }),
    )
  })
})

describe('mergeTask()', () => {
  test('keeps the end of an attempt when its progress arrives late', () => {
    const ended = makeTask({ key: 'load#1', status: 'succeeded' })
    expect(mergeTask(ended, makeTask({ key: 'load#1', status: 'running', finishedAt: null, fraction: 0.4 }))).toBe(
      ended,
    )
  })

  test('starts a new attempt from the beginning', () => {
    const failed = makeTask({ key: 'load#1', status: 'retrying', fraction: 0.9, finishedAt: null })
    const again = makeTask({ key: 'load#1', status: 'running', attempt: 2, fraction: 0, finishedAt: null })
    expect(mergeTask(failed, again).fraction).toBe(0)
  })

  test('keeps the greater fraction of the same attempt', () => {
    const known = makeTask({ key: 'load#1', status: 'running', fraction: 0.6, finishedAt: null })
    expect(mergeTask(known, { ...known, fraction: 0.3 }).fraction).toBe(0.6)
  })
})
