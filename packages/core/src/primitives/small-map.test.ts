import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { SmallMap } from './small-map.ts'

const key = fc.constantFrom('a', 'b', 'c')
const change = fc.oneof(
  fc.record({ act: fc.constant('set' as const), key, value: fc.option(fc.nat(), { nil: undefined }) }),
  fc.record({ act: fc.constant('delete' as const), key }),
  fc.record({ act: fc.constant('clear' as const) }),
)

type Changing = Pick<Map<string, number | undefined>, 'delete' | 'clear'> & {
  set(key: string, value: number | undefined): unknown
}

/** Gives whether something was deleted. */
function make(map: Changing, one: typeof change extends fc.Arbitrary<infer T> ? T : never): boolean {
  if (one.act === 'delete') return map.delete(one.key)
  if (one.act === 'set') map.set(one.key, one.value)
  else map.clear()
  return false
}

describe('a small map', () => {
  it('says after any changes what a Map says', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 12 }), (changes) => {
        const small = new SmallMap<number | undefined>()
        const model = new Map<string, number | undefined>()
        for (const one of changes) {
          expect(make(small, one)).toBe(make(model, one))
          expect([...small]).toEqual([...model])
          expect([...small.keys()]).toEqual([...model.keys()])
          expect([...small.values()]).toEqual([...model.values()])
          expect(small.size).toBe(model.size)
          for (const name of ['a', 'b', 'c']) {
            expect(small.has(name)).toBe(model.has(name))
            expect(small.get(name)).toBe(model.get(name))
          }
        }
      }),
    )
  })

  it('visits its entries with itself as the map', () => {
    const small = new SmallMap<number>()
    small.set('a', 1)
    const seen: unknown[] = []
    small.forEach((value, name, map) => seen.push([value, name, map === small]))
    expect(seen).toEqual([[1, 'a', true]])
  })
})
