import { describe, expect, it } from 'vitest'

import { flow } from '../definition/flow.ts'
import type { Limit } from '../storage/run-changes.ts'
import type { LimitRoom } from '../storage/storage.ts'
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
    queue: { ahead: 0, limits: [] },
    inLine: [],
    now: NOW,
    ...facts,
  }).text
}

describe('explain()', () => {
  it('tells what a queued run waits for', () => {
    expect(text({ driven: 100 })).toBe(
      'It was queued 10 minutes ago and is number 1 in line of its flow: this engine drives 100 runs of at most 100.',
    )
    expect(text({ definition: undefined })).toBe(
      'It was queued 10 minutes ago, and no flow "etl" is registered in this engine.',
    )
    expect(text({ queue: { ahead: 3, limits: [] } })).toBe(
      'It was queued 10 minutes ago and is number 4 in line of its flow.',
    )
  })

  it('tells which limit keeps a queued run', () => {
    const limited = (limit: Limit, room: Partial<LimitRoom>, run = aRun()): string => {
      const limits = [{ limit, room: { free: 0, freeAt: null, holders: [], ...room } }]
      return text({ run, queue: { ahead: 1, limits } }).replace(/^.*?: /, '')
    }
    const holders = ['run_1', 'run_2']
    expect(limited({ key: 'flow:etl', max: 2 }, { holders })).toBe(
      '2 runs of its flow may run at a time (now run_1, run_2).',
    )
    expect(limited({ key: 'flow:etl:acme', max: 1 }, { holders }, aRun({ limitKey: 'acme' }))).toBe(
      '1 run of its flow with the key "acme" may run at a time (now run_1, run_2).',
    )
    expect(limited({ key: 'flow-rate:etl', max: 5, perMs: MINUTE_MS }, { freeAt: NOW + 30_000 })).toBe(
      '5 runs of its flow started within the last 60 seconds, which is its rate limit; the next may start at 2027-01-15T08:10:30Z (in 30 seconds).',
    )
    expect(limited({ key: 'gate:schedule:s', max: 1 }, { holders: ['run_1'] }, aRun({ gate: 'schedule:s' }))).toBe(
      'run_1 of the same schedule has not ended.',
    )
    expect(limited({ key: 'flow:etl', max: 2 }, { free: 1 })).toBe(
      'It was queued 10 minutes ago and is number 2 in line of its flow.',
    )
  })

  it('tells which task waits in line, and for what', () => {
    const run = aRun({ status: 'running', engineId: 'eng_1' })
    const at = (place: number) => ({ limit: { key: 'task:call', max: 2 }, place })
    const inLine = [
      { name: 'call', at: at(4) },
      { name: 'call', at: at(3) },
    ]
    expect(text({ run, inLine })).toBe(
      'Task "call" waits for limit "task:call" (2 at a time) as number 3 in line, as does 1 other task of it.',
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
