import { describe, expect, it } from 'vitest'

import { KeyCounter } from './key-counter.ts'

const at = (place: string) => (): string => place

describe('KeyCounter', () => {
  it('counts the calls of each name by themselves', () => {
    const keys = new KeyCounter('pages#1[a]/')
    expect([keys.counted('load', 1, at('')), keys.counted('save', 1, at('')), keys.counted('load', 2, at(''))]).toEqual(
      ['pages#1[a]/load#1', 'pages#1[a]/save#1', 'pages#1[a]/load#2'],
    )
  })

  it('lets a name repeat in one stretch of code while others are in flight', () => {
    const keys = new KeyCounter('')
    keys.counted('load', 1, at(''))
    keys.enter(1)
    expect(keys.counted('load', 1, at(''))).toBe('load#2')
  })

  it('refuses a name that repeats in another stretch while others are in flight, naming both places', () => {
    const keys = new KeyCounter('')
    keys.counted('load', 1, at('a.ts:1:1'))
    keys.enter(1)
    expect(() => keys.counted('load', 2, at('b.ts:2:2'))).toThrow(
      expect.objectContaining({
        code: 'TASK_KEY_AMBIGUOUS',
        details: { name: 'load', scope: '', sites: ['a.ts:1:1', 'b.ts:2:2'] },
      }),
    )
  })

  it('refuses the second call also when only the first one overlapped with others', () => {
    const keys = new KeyCounter('')
    keys.counted('a', 1, at(''))
    keys.enter(1)
    keys.counted('b', 2, at('first b'))
    keys.leave(1)
    expect(() => keys.counted('b', 3, at('second b'))).toThrow(/first b and second b/)
  })

  it('lets a name repeat when nothing else is in flight', () => {
    const keys = new KeyCounter('')
    keys.counted('load', 1, at(''))
    keys.enter(1)
    keys.leave(1)
    expect(keys.counted('load', 2, at(''))).toBe('load#2')
  })

  it('keeps keys of callers apart, whatever they contain', () => {
    const keys = new KeyCounter('')
    const made = ['a]/b#1[c', 'a', 'a%5D', 'https://x/y?z=[1]'].map((key) => keys.named('get', key))
    expect(new Set(made).size).toBe(4)
    expect(made[3]).toBe('get[https://x/y?z=%5B1%5D]')
  })

  it('refuses a key of the caller that is taken', () => {
    const keys = new KeyCounter('')
    keys.named('get', 'a')
    expect(() => keys.named('get', 'a')).toThrow(expect.objectContaining({ code: 'TASK_KEY_DUPLICATE' }))
  })
})
