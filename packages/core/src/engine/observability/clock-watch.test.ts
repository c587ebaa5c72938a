import { describe, expect, it } from 'vitest'

import { ManualClock } from '../../testing/manual-clock.ts'
import { ClockWatch, type ClockJump } from './clock-watch.ts'

function watch(): { clock: ManualClock; jumps: ClockJump[]; watched: ClockWatch } {
  const clock = new ManualClock()
  const jumps: ClockJump[] = []
  return { clock, jumps, watched: new ClockWatch(clock, (jump) => jumps.push(jump)) }
}

describe('ClockWatch', () => {
  it('tells once of a clock that was set, and for some minutes to those who ask', async () => {
    const { clock, jumps, watched } = watch()
    clock.jumpTo(clock.now() - 3_600_000)
    expect(watched.look()).toMatchObject({ byMs: -3_600_000 })
    await clock.advance(60_000)
    expect(watched.look()).toMatchObject({ byMs: -3_600_000 })
    expect(jumps).toHaveLength(1)
    await clock.advance(300_000)
    expect(watched.look()).toBeNull()
  })

  it('takes passing time, and what time servers correct, for no jump', async () => {
    const { clock, jumps, watched } = watch()
    await clock.advance(86_400_000)
    clock.jumpTo(clock.now() + 400)
    expect(watched.look()).toBeNull()
    expect(jumps).toEqual([])
  })
})
