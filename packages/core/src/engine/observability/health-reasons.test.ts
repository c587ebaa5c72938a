import { describe, expect, it } from 'vitest'

import { PerfectError } from '../../errors/perfect-error.ts'
import { findReasons, overallStatus, type Vitals } from './health-reasons.ts'

const WELL: Vitals = {
  outage: null,
  storageRoundTripMs: 1,
  leaseAgeMs: 4000,
  leaseMs: 15_000,
  lag: { meanMs: 1, p99Ms: 10, maxMs: 400 },
  freeSlots: 3,
  oldestQueuedMs: null,
  clockJump: null,
}

function outage(details: Record<string, unknown>): Vitals['outage'] {
  return { error: new PerfectError('STORAGE_UNAVAILABLE', 'It cannot be used.', { details }), since: 0, startedAt: 0 }
}

function judge(change: Partial<Vitals>): [string, string[]] {
  const found = findReasons({ ...WELL, ...change })
  return [overallStatus(found), found.map(({ code }) => code)]
}

describe('findReasons()', () => {
  it.each<[string, Partial<Vitals>, [string, string[]]]>([
    ['a storage that takes nothing', { outage: outage({}) }, ['failing', ['STORAGE_UNREACHABLE']]],
    ['a storage that does not answer', { storageRoundTripMs: null }, ['failing', ['STORAGE_UNREACHABLE']]],
    ['a slow storage', { storageRoundTripMs: 1500 }, ['degraded', ['STORAGE_SLOW']]],
    ['a full disk', { outage: outage({ sqliteCode: 13 }) }, ['failing', ['DISK_FULL']]],
    ['two renewals that failed', { leaseAgeMs: 11_000 }, ['degraded', ['LEASE_NOT_RENEWED']]],
    ['a lease that is over', { leaseAgeMs: 15_001 }, ['failing', ['LEASE_NOT_RENEWED']]],
    ['a late event loop', { lag: { meanMs: 90, p99Ms: 300, maxMs: 900 } }, ['degraded', ['EVENT_LOOP_SLOW']]],
    ['a queue without slots', { freeSlots: 0, oldestQueuedMs: 61_000 }, ['degraded', ['QUEUE_STALLED']]],
    ['a clock that jumped', { clockJump: { byMs: -3_600_000, at: 0 } }, ['degraded', ['CLOCK_JUMPED']]],
  ])('tells of %s', (_, change, expected) => {
    expect(judge(change)).toEqual(expected)
  })

  it('is ok when nothing is wrong, also while runs wait that a free slot takes at once', () => {
    expect(judge({ oldestQueuedMs: 61_000 })).toEqual(['ok', []])
    expect(judge({ lag: null, leaseAgeMs: null })).toEqual(['ok', []])
  })

  it('puts the worst first', () => {
    const change = { storageRoundTripMs: 1500, leaseAgeMs: 20_000 }
    expect(judge(change)).toEqual(['failing', ['LEASE_NOT_RENEWED', 'STORAGE_SLOW']])
  })

  it('keeps to the limits that it is given', () => {
    expect(findReasons({ ...WELL, storageRoundTripMs: 60 }, { storageMs: 50 })).toMatchObject([
      { code: 'STORAGE_SLOW' },
    ])
  })
})
