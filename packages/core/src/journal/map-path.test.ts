import { describe, expect, it } from 'vitest'

import { mapOf } from './map-path.ts'

describe('mapOf()', () => {
  it('gives the outermost map of a call, and its item', () => {
    expect(mapOf('pages#1[7]/fetch#1')).toEqual({ path: 'pages#1', item: '7' })
    expect(mapOf('pages#2[a]/rows#1[3]/store#1')).toEqual({ path: 'pages#2', item: 'a' })
    expect(mapOf('child#1/pages#1[7]/fetch#1')).toEqual({ path: 'child#1/pages#1', item: '7' })
  })

  it('takes an item that is a call itself', () => {
    expect(mapOf('fetch#1[7]')).toEqual({ path: 'fetch#1', item: '7' })
    expect(mapOf('fetch#[Bern]')).toEqual({ path: 'fetch#', item: 'Bern' })
  })

  it('knows nothing of calls outside of maps', () => {
    for (const key of ['fetch#1', 'fetch[Bern]', 'child#1/fetch[Bern]', 'wait[a]#1', 'fetch#1[7]x'])
      expect(mapOf(key), key).toBeNull()
  })
})
