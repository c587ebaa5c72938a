import { describe, expect, it } from 'vitest'

import { versionFamily } from './version-family.ts'

describe('versionFamily()', () => {
  it('is the major number, or the whole text where there is none', () => {
    expect(['1', '2.3', 'v4.0.1', '2026-11-01', 'next', '10.x'].map(versionFamily)).toEqual([
      '1',
      '2',
      '4',
      '2026-11-01',
      'next',
      '10',
    ])
  })
})
