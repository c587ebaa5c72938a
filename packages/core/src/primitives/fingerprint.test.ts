import { describe, expect, it } from 'vitest'

import { fingerprintArgs, hashText } from './fingerprint.ts'

describe('fingerprintArgs()', () => {
  it('is the text of short arguments', () => {
    expect(fingerprintArgs(['a', 1, new Date(0)])).toBe('["a",1,{"$type":"date","value":"1970-01-01T00:00:00.000Z"}]')
  })

  it('tells long arguments apart, also when they begin alike, and stays short', () => {
    const long = 'x'.repeat(10_000)
    const [one, other] = [fingerprintArgs([`${long}1`]), fingerprintArgs([`${long}2`])]
    expect(one).not.toBe(other)
    expect(one?.length).toBeLessThan(200)
    expect(fingerprintArgs([`${long}1`])).toBe(one)
  })

  it('is nothing for no arguments, and for those that have no text', () => {
    expect(fingerprintArgs([])).toBeNull()
    expect(fingerprintArgs([() => 1])).toBeNull()
  })
})

describe('hashText()', () => {
  it('is the same for the same text only', () => {
    expect(hashText('a')).toBe(hashText('a'))
    expect(hashText('a')).not.toBe(hashText('b'))
  })
})
