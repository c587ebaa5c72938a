import { describe, expect, it } from 'vitest'

import { ReleasingMap } from './releasing-map.ts'

describe('ReleasingMap', () => {
  it('keeps entries in the order in which they came, and replaces them in place', () => {
    const map = new ReleasingMap<number>()
    map.set('a', 1)
    map.set('b', 2)
    map.set('a', 3)
    expect([...map.values()]).toEqual([3, 2])
    expect([...map.keys()]).toEqual(['a', 'b'])
    expect(map.size).toBe(2)
  })

  it('says whether there was an entry to delete, and has it no more', () => {
    const map = new ReleasingMap<string>()
    map.set('a', '')
    expect(map.get('a')).toBe('')
    expect(map.delete('a')).toBe(true)
    expect(map.delete('a')).toBe(false)
    expect(map.get('a')).toBeUndefined()
    expect([...map.values()]).toEqual([])
  })
})
