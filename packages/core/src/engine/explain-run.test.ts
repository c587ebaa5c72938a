import { describe, expect, it } from 'vitest'

import { flow } from '../definition/flow.ts'
import { aRun, aTask, anEngine } from '../testing/records.ts'
import { explain, type RunFacts } from './explain-run.ts'

const NOW = 1_800_000_600_000
const MINUTE_MS = 60_000
const RUNNING = { status: 'running', position: null, finishedAt: null, value: null } as const

function text(facts: Partial<RunFacts>): string {
  const { definition } = flow('etl', () => 1)
  return explain({
    run: aRun(),
    records: [],
    definition,
    holder: { ...anEngine(), leaseUntil: NOW + 1 },
    driven: 0,
    concurrency: 100,
    workers: 0,
    now: NOW,
    ...facts,
  }).text
}

describe('explain()', () => {
  it('tells what a queued run waits for', () => {
    expect(text({ driven: 100 })).toBe('It was queued 10 minutes ago, and this engine drives 100 runs of at most 100.')
    expect(text({ definition: undefined })).toBe(
      'It was queued 10 minutes ago, and no flow "etl" is registered in this engine.',
    )
    expect(text({ run: aRun({ limitKey: 'a' }) })).toBe(
      'It was queued 10 minutes ago, and waits for its turn under the limits of its flow.',
    )
  })

  it('tells which task runs, and when the engine is gone', () => {
    const run = aRun({ status: 'running', engineId: 'eng_1' })
    const records = [aTask({ ...RUNNING, startedAt: NOW - 5 * MINUTE_MS, attempt: 2 })]
    expect(text({ run, records })).toBe('Task "extract" has run since 5 minutes ago (attempt 2).')
    expect(text({ run, holder: { ...anEngine(), leaseUntil: NOW - MINUTE_MS } })).toBe(
      'The engine that ran it has been gone since 2027-01-15T08:09:00Z.',
    )
  })

  it('tells until when a run sleeps, waits or is tried again', () => {
    const wakeAt = NOW + 90 * MINUTE_MS
    expect(text({ run: aRun({ status: 'waiting', reason: 'sleep', wakeAt }) })).toBe(
      'It sleeps until 2027-01-15T09:40:00Z (in 90 minutes).',
    )
    const wait = aTask({ ...RUNNING, kind: 'signal', name: 'paid', status: 'waiting', wakeAt })
    expect(text({ run: aRun({ status: 'waiting', reason: 'signal', wakeAt }), records: [wait] })).toBe(
      'It has waited for signal "paid" since 10 minutes ago, at most until 2027-01-15T09:40:00Z (in 90 minutes).',
    )
    const error = { name: 'Error', message: 'no route', code: null }
    const retry = aTask({ ...RUNNING, status: 'retrying', wakeAt, error })
    expect(text({ run: aRun({ status: 'retrying', wakeAt }), records: [retry] })).toBe(
      'Task "extract" failed in attempt 1 (no route); the next attempt is at 2027-01-15T09:40:00Z (in 90 minutes).',
    )
  })

  it('tells why a run has ended, is paused or does not end', () => {
    const finishedAt = NOW
    const error = { name: 'Error', message: 'no space', code: null }
    expect(text({ run: aRun({ status: 'failed', finishedAt, error }) })).toBe(
      'It failed at 2027-01-15T08:10:00Z: no space.',
    )
    expect(text({ run: aRun({ status: 'waiting', reason: 'paused', pausedAt: NOW - 1000 }) })).toBe(
      'It was paused 1 second ago.',
    )
    const cancelling = aRun({ status: 'running', engineId: 'eng_1', cancelRequestedAt: NOW - 10_000 })
    expect(text({ run: cancelling, records: [aTask(RUNNING)] })).toBe(
      'It was asked to end 10 seconds ago, and task "extract" has not ended.',
    )
  })
})
