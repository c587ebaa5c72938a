import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { failurePattern, isCause } from './failure-pattern.ts'

const error = (message: string, code: string | null = null) => ({ name: 'Error', message, code })
const patternOf = (message: string) => failurePattern(error(message), null).pattern

describe('failurePattern()', () => {
  it.each([
    ['no row 17 of 1,204.5 in -3e-7', 'no row <number> of <number> in <number>'],
    ["ENOENT: no such file, open '/var/data/2026/a b.csv'", 'ENOENT: no such file, open <text>'],
    ['cannot open /var/data/x.csv:12:4 or C:\\data\\y.csv', 'cannot open <path> or <path>'],
    ['GET https://api.example.com/v1/users/17?x=1 gave 503', 'GET <url> gave <number>'],
    ['user 0f8fad5b-d9cb-469f-a165-70867728950e of ann.b@example.com', 'user <id> of <email>'],
    ['run_01j9zqk3v8 waits for order-17 at 0x7ffe and deadbeef42', '<id> waits for <id> at <id> and <id>'],
    ['since 2026-11-23T15:00:01.123Z, on 2026-11-23', 'since <time>, on <time>'],
    ['can\'t find "this" or `that`, it\'s gone', "can't find <text> or <text>, it's gone"],
    ['worker7 took 12ms', 'worker<number> took <number>ms'],
    ['first line\nsecond 1', 'first line'],
    ['  \n\n  two\tgaps ', 'two gaps'],
    ['', ''],
  ])('takes from %j what differs from run to run', (message, pattern) => {
    expect(patternOf(message)).toBe(pattern)
  })

  it('gives the same name for the same failure with other numbers, ids, paths and quotes', () => {
    const value = fc.constantFrom(
      (n: number) => `row ${String(n)}`,
      (n: number) => `file /tmp/${String(n)}/x.txt`,
      (n: number) => `user "${String(n)}"`,
      (n: number) => `job-${String(n)} is late`,
    )
    fc.assert(
      fc.property(value, fc.nat(), fc.nat(), (text, left, right) => {
        const [one, other] = [left, right].map((n) => failurePattern(error(text(n), 'E'), 'load').fingerprint)
        expect(one).toBe(other)
      }),
    )
  })

  it('tells codes, tasks and words apart', () => {
    const names = [
      failurePattern(error('no row 1'), null),
      failurePattern(error('no row 1'), 'load'),
      failurePattern(error('no row 1', 'E1'), null),
      failurePattern(error('no column 1'), null),
      failurePattern({ ...error('no row 1'), name: 'TypeError' }, null),
      failurePattern(null, null),
    ].map(({ fingerprint }) => fingerprint)
    expect(new Set(names).size).toBe(names.length)
  })

  it('is short and quick for any text, also for a hostile one', () => {
    const hostile = [
      '/'.repeat(1e6),
      '"'.repeat(1e6),
      'a_'.repeat(1e6),
      '1,'.repeat(1e6),
      `${'a-'.repeat(5e5)}1`,
      'a@'.repeat(1e6),
    ]
    const before = performance.now()
    for (const text of hostile) expect(patternOf(text).length).toBeLessThanOrEqual(300)
    expect(performance.now() - before).toBeLessThan(500)
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        const { pattern, message } = failurePattern(error(text), null)
        expect(Math.max(pattern.length, message.length)).toBeLessThanOrEqual(300)
      }),
    )
  })
})

describe('isCause()', () => {
  it('finds the error of a task in the chain of causes', () => {
    const inner = error('inner', 'E')
    expect(isCause({ ...error('outer'), cause: inner }, inner)).toBe(true)
    expect(isCause(error('outer'), inner)).toBe(false)
    expect(isCause(null, inner)).toBe(false)
  })
})
