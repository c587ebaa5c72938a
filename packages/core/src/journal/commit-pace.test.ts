import { describe, expect, it } from 'vitest'

import { ManualClock } from '../testing/manual-clock.ts'
import { CommitPace } from './commit-pace.ts'

async function afterCommits(count: number, tookMs: number, changes: number): Promise<CommitPace> {
  const clock = new ManualClock()
  const pace = new CommitPace(clock)
  for (let index = 0; index < count; index++) {
    const startedAt = clock.monotonic()
    await clock.advance(tookMs)
    pace.ended(startedAt, changes)
  }
  return pace
}

describe('CommitPace', () => {
  it('calls a disk slow that takes longer than the work on the answers', async () => {
    expect((await afterCommits(100, 8, 100)).isSlow(100)).toBe(true)
    expect((await afterCommits(100, 1, 100)).isSlow(100)).toBe(false)
  })

  it('does not count the time of the changes themselves', async () => {
    expect((await afterCommits(100, 8, 1400)).isSlow(100)).toBe(false)
  })

  it('does not believe a single slow commit', async () => {
    expect((await afterCommits(1, 8, 100)).isSlow(100)).toBe(false)
  })

  it('does not count the wait for the commit before', async () => {
    const clock = new ManualClock()
    const pace = new CommitPace(clock)
    for (let index = 0; index < 100; index++) {
      await clock.advance(1)
      pace.ended(clock.monotonic() - 8, 100)
    }
    expect(pace.isSlow(100)).toBe(false)
  })
})
