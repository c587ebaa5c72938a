import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { UsualRow } from './usual-row.ts'

const row = new UsualRow(['id', 'kind', 'weight', 'error'], { kind: 'task', error: null })

describe('a usual row', () => {
  test('sends only the cells that its statement does not name', () => {
    expect(row.values).toBe("?, 'task', ?, NULL")
    expect(row.pack(['a', 'task', 1, null])).toEqual(['a', 1])
  })

  test('sends all cells of a row that is not usual', () => {
    expect(row.pack(['a', 'sleep', 1, null])).toEqual(['a', 'sleep', 1, null])
  })

  test('gives each column back, usual or not', () => {
    const cell = fc.oneof(fc.string(), fc.integer(), fc.constant(null))
    const read = row.reader(['error', 'weight', 'kind', 'id'])
    fc.assert(
      fc.property(cell, fc.oneof(cell, fc.constant('task')), cell, cell, (id, kind, weight, error) => {
        const packed = row.pack([id, kind, weight, error])
        expect(row.has(packed)).toBe(kind === 'task' && error === null)
        expect(read(packed)).toEqual([error, weight, kind, id])
      }),
    )
  })
})
