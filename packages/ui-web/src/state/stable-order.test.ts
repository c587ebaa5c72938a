import { describe, expect, test } from 'vitest'

import { arrange } from './stable-order.ts'

describe('arrange()', () => {
  test('shows the wanted order while nobody looks', () => {
    expect(arrange(['b', 'c'], ['a', 'b', 'c'], false)).toEqual({ ids: ['a', 'b', 'c'], waiting: 0 })
  })

  test('keeps every row where it is while it is held, and counts what waits', () => {
    expect(arrange(['b', 'c'], ['x', 'y', 'b', 'c'], true)).toEqual({ ids: ['b', 'c'], waiting: 2 })
  })

  test('keeps a row that does not belong there any more while it is held', () => {
    expect(arrange(['a', 'b', 'c'], ['a', 'c'], true).ids).toEqual(['a', 'b', 'c'])
  })

  test('adds what belongs after the last row', () => {
    expect(arrange(['a', 'b'], ['a', 'b', 'c', 'd'], true)).toEqual({ ids: ['a', 'b', 'c', 'd'], waiting: 0 })
  })

  test('shows the first rows of an empty list even while it is held', () => {
    expect(arrange([], ['a'], true)).toEqual({ ids: ['a'], waiting: 0 })
  })
})
