import { describe, expect, test } from 'vitest'

import { LineRing } from './line-ring.ts'

function filled(count: number, options: { maxLines?: number; maxChars?: number }, text = 'line'): LineRing {
  const ring = new LineRing(options)
  for (let index = 1; index <= count; index++)
    ring.add('2026-01-01T00:00:00.000Z', 'stdout', `${text} ${String(index)}`)
  return ring
}

const all = { limit: 1000, maxChars: 1_000_000 }

describe('LineRing', () => {
  test('keeps the last lines, with numbers that go on', () => {
    const ring = filled(7, { maxLines: 3 })
    expect(ring.last(all).map(({ seq, text }) => [seq, text])).toEqual([
      [5, 'line 5'],
      [6, 'line 6'],
      [7, 'line 7'],
    ])
    expect(ring.dropped).toBe(4)
  })

  test('keeps fewer lines when they are long', () => {
    const ring = filled(10, { maxLines: 10, maxChars: 3000 }, 'x'.repeat(998))
    expect(ring.last(all).map((line) => line.seq)).toEqual([9, 10])
    expect(ring.dropped).toBe(8)
  })

  test('keeps one line that is longer than all it may keep', () => {
    expect(filled(2, { maxLines: 5, maxChars: 10 }, 'x'.repeat(50)).last(all)).toHaveLength(1)
  })

  test('gives the newest lines of a selection', () => {
    const ring = filled(9, { maxLines: 5 })
    expect(ring.last({ limit: 2, maxChars: 100 }).map((line) => line.seq)).toEqual([8, 9])
    expect(ring.last({ after: 7, limit: 100, maxChars: 100 }).map((line) => line.seq)).toEqual([8, 9])
    expect(ring.last({ limit: 100, maxChars: 13 }).map((line) => line.seq)).toEqual([8, 9])
    expect(ring.last({ after: 9, limit: 100, maxChars: 100 })).toEqual([])
  })
})
