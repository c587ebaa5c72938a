import { describe, expect, it } from 'vitest'

import { basisText, estimateSentence, queuedSentence, roundTime, type EstimateFacts } from './estimate-text.ts'

const MIN = 60_000
const facts = (changes: Partial<EstimateFacts> = {}): EstimateFacts => ({
  state: 'ok',
  remainingMs: 4 * MIN,
  earlyMs: 3 * MIN,
  lateMs: 6 * MIN,
  waitsFor: null,
  culprit: null,
  ...changes,
})

describe('roundTime()', () => {
  it('gives two digits at most', () => {
    const times = [0, 1000, 43_000, 58_000, 4.2 * MIN, 93 * MIN, 25 * 60 * MIN, 40 * 24 * 60 * MIN]
    expect(times.map(roundTime)).toEqual(['1 s', '1 s', '45 s', '1 min', '4 min', '1.5 h', '1 d', '40 d'])
  })
})

describe('estimateSentence()', () => {
  it.each([
    [facts(), 'about 4 min left, likely 3 min to 6 min'],
    [facts({ earlyMs: 4 * MIN, lateMs: 4 * MIN }), 'about 4 min left'],
    [facts({ lateMs: 60 * MIN }), 'about 4 min left, but past runs differ much'],
    [facts({ remainingMs: 200 }), 'nearly done'],
    [facts({ state: 'first-run' }), 'first run, rough: about 4 min left, likely 3 min to 6 min'],
    [facts({ state: 'slow' }), 'slower than usual, about 4 min left, likely 3 min to 6 min'],
    [
      facts({ state: 'stalled', culprit: 'fetch' }),
      'no progress for long: "fetch" takes several times as long as usual',
    ],
    [
      facts({ state: 'none', remainingMs: null }),
      'no estimate yet: no run of this flow has succeeded in this configuration',
    ],
    [
      facts({ state: 'waiting', waitsFor: { kind: 'approval', name: 'publish' } }),
      'waits for the approval "publish"; about 4 min of work after it',
    ],
  ])('says what there is to say %#', (given, sentence) => {
    expect(estimateSentence(given)).toBe(sentence)
  })
})

describe('queuedSentence()', () => {
  it('tells how many are before it, and when it starts if that is known', () => {
    expect([queuedSentence(2 * MIN, 3), queuedSentence(null, 1200), queuedSentence(20_000, 0)]).toEqual([
      'starts in about 2 min, 3 ahead',
      'waits to start, 1,200 ahead',
      'starts in about 20 s, next in line',
    ])
  })
})

describe('basisText()', () => {
  it('names the runs that it was made from', () => {
    expect([basisText(0, 'release'), basisText(1, 'release'), basisText(18, 'debug')]).toEqual([
      'from declared times',
      'from 1 successful release run',
      'from 18 successful debug runs',
    ])
  })
})
