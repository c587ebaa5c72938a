import { describe, expect, it } from 'vitest'

import { addCounts, readCounts } from '../test-counts.ts'

describe('readCounts()', () => {
  it('reads the last closing line, with or without skipped tests', () => {
    const output = '1 passed, 0 failed\nmore\n12 passed, 3 failed, 2 skipped\n'
    expect(readCounts({ ok: false, output })).toEqual({ passed: 12, failed: 3, skipped: 2 })
    expect(readCounts({ ok: true, output: '7 passed, 0 failed\n' })).toEqual({ passed: 7, failed: 0, skipped: 0 })
  })

  it('counts a command that failed without a failed test as one failure', () => {
    expect(readCounts({ ok: false, output: '7 passed, 0 failed\n' }).failed).toBe(1)
    expect(readCounts({ ok: false, output: 'could not be run' }).failed).toBe(1)
  })

  it('counts a command that ran no test at all as one failure', () => {
    expect(readCounts({ ok: true, output: '' }).failed).toBe(1)
  })
})

describe('addCounts()', () => {
  it('adds up', () => {
    const one = { passed: 1, failed: 0, skipped: 2 }
    expect(addCounts([one, { passed: 4, failed: 3, skipped: 0 }])).toEqual({ passed: 5, failed: 3, skipped: 2 })
  })
})
