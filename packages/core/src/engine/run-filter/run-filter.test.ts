import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { PerfectError } from '../../errors/perfect-error.ts'
import { RUN_STATUSES, TRIGGER_KINDS } from '../../storage/records.ts'
import { toRunFilter } from '../runs-query.ts'
import { formatRunFilter } from './format-run-filter.ts'
import { parseRunFilter } from './parse-run-filter.ts'

const NOW = Date.UTC(2026, 10, 22)

const words = fc.array(fc.string({ minLength: 1, maxLength: 8, unit: 'binary' }), { minLength: 1, maxLength: 3 })
const attributes = fc.dictionary(
  fc.string({ minLength: 1, maxLength: 6 }).filter((name) => name !== '__proto__'),
  fc.string({ minLength: 1, maxLength: 6 }),
  { minKeys: 1, maxKeys: 3, noNullPrototype: true },
)
const values = fc.record(
  {
    flowIds: words,
    statuses: fc.uniqueArray(fc.constantFrom(...RUN_STATUSES), { minLength: 1 }),
    configurations: words,
    triggers: fc.uniqueArray(fc.constantFrom(...TRIGGER_KINDS), { minLength: 1 }),
    scheduleIds: words,
    versions: words,
    tags: words,
    attributes,
  },
  { requiredKeys: [], noNullPrototype: true },
)
const instant = fc.integer({ min: 0, max: Date.UTC(2099, 0, 1) })
const filters = fc
  .tuple(
    values,
    values,
    fc.record(
      {
        parentRunId: fc.string({ minLength: 1 }),
        createdFrom: instant,
        createdBefore: instant,
        durationFromMs: fc.nat(),
        durationBelowMs: fc.nat(),
        text: fc.string({ minLength: 1, maxLength: 20 }),
      },
      { requiredKeys: [], noNullPrototype: true },
    ),
  )
  .map(([own, not, single]) => ({ ...own, ...single, ...(Object.keys(not).length > 0 && { not }) }))

function problemOf(text: string): PerfectError {
  try {
    parseRunFilter(text, NOW)
  } catch (error) {
    if (PerfectError.is(error)) return error
    throw error
  }
  throw new Error('It was taken.')
}

function codeOf(text: string): string | null {
  try {
    toRunFilter(parseRunFilter(text, NOW))
    return null
  } catch (error) {
    return PerfectError.is(error) ? error.code : String(error)
  }
}

describe('parseRunFilter()', () => {
  it.each([
    ['', {}],
    ['status:failed,cancelled', { statuses: ['failed', 'cancelled'] }],
    ['-status:succeeded -flow:etl', { not: { statuses: ['succeeded'], flowIds: ['etl'] } }],
    ['tag:a tag:"b c" -tag:d,e', { tags: ['a', 'b c'], not: { tags: ['d', 'e'] } }],
    ['attr.region:eu attr."my key":"x \\"y\\""', { attributes: { region: 'eu', 'my key': 'x "y"' } }],
    ['schedule:"etl:1" version:2 parent:run_1', { scheduleIds: ['etl:1'], versions: ['2'], parentRunId: 'run_1' }],
    ['since:24h until:2026-11-21T12:00:00Z', { createdFrom: NOW - 86_400_000, createdBefore: NOW - 43_200_000 }],
    ['duration:>5s duration:<1m', { durationFromMs: 5000, durationBelowMs: 60_000 }],
    ['  time out  status:failed ', { text: 'time out', statuses: ['failed'] }],
    ['"-flow:etl"', { text: '-flow:etl' }],
  ])('reads %j', (text, filter) => expect(parseRunFilter(text, NOW)).toEqual(filter))

  it.each([
    ['status:broken', 0, 'is no status'],
    ['flow:a nope:b', 7, 'no field "nope"'],
    ['flow:', 5, 'A value is missing'],
    ['flow:a,', 7, 'A value is missing'],
    ['flow:"a', 5, 'quotes do not end'],
    ['flow:"a"b', 8, 'where a space should be'],
    ['flow:a flow:b', 7, 'given twice'],
    ['tag:a,b', 0, 'every tag'],
    ['-parent:x', 0, 'cannot be left out'],
    ['-word', 0, 'Free text'],
    ['since:soon', 0, 'is no duration'],
    ['duration:5s', 0, 'needs a side'],
    ['attr.a:1 attr.a:2', 9, 'more than one value'],
    ['constructor:x', 0, 'no field'],
  ])('refuses %j, saying where and why', (text, at, why) => {
    const problem = problemOf(text)
    expect(problem).toMatchObject({ code: 'FILTER_INVALID', details: { at } })
    expect(problem.message).toContain(why)
  })

  it('reads every filter back from its text, and the storage takes it', () => {
    fc.assert(
      fc.property(filters, (filter) => {
        const again = parseRunFilter(formatRunFilter(filter), NOW)
        expect(again).toEqual(filter)
        expect(toRunFilter(again)).toEqual(toRunFilter(filter))
      }),
    )
  })

  it('takes any text, or refuses it with a code', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.stringMatching(/^(-?(status|tag|attr\.x|since|duration):["\\,\w>< ]*){0,4}$/)),
        (text) => {
          expect([null, 'FILTER_INVALID', 'REQUEST_INVALID']).toContain(codeOf(text))
        },
      ),
    )
  })
})
