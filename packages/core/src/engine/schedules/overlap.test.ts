import { describe, expect, it } from 'vitest'

import { decideOverlap, MAX_WAITING, openRunsNeeded } from './overlap.ts'

const run = (id: string, epoch: number) => ({ id, epoch, cancelRequestedAt: null })
const running = run('a', 1)
const waiting = run('b', 0)

describe('decideOverlap()', () => {
  it.each([
    ['skip', [], [1, 2], []],
    ['skip', [running], [], []],
    ['queue', [waiting, running], [1, 2], []],
    ['allow', [waiting, running], [1, 2], []],
    ['buffer-one', [], [1, 2], []],
    ['buffer-one', [running], [2], []],
    ['buffer-one', [waiting, running], [], []],
    ['cancel-running', [], [2], []],
    ['cancel-running', [waiting, running], [2], ['b', 'a']],
  ] as const)('with "%s" and %j open runs the times %j', (policy, open, expected, cancel) => {
    const decision = decideOverlap(policy, [1, 2], open)
    expect([decision.run, decision.cancel]).toEqual([expected, cancel])
    expect([...decision.leftOut, ...decision.run]).toEqual([1, 2])
  })

  it('does not ask a run to end twice', () => {
    expect(decideOverlap('cancel-running', [1], [{ ...running, cancelRequestedAt: 5 }]).cancel).toEqual([])
  })

  it('lets a queue grow to its limit only', () => {
    const open = Array.from({ length: MAX_WAITING - 1 }, (_, index) => run(String(index), 0))
    expect(decideOverlap('queue', [1, 2], open)).toMatchObject({ run: [2], leftOut: [1] })
    expect(openRunsNeeded('queue')).toBe(MAX_WAITING)
  })
})
