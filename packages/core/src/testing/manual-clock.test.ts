import { describe, expect, test } from 'vitest'

import { ManualClock } from './manual-clock.ts'

describe('ManualClock', () => {
  test('moves wall time and measured time together, and only when told', async () => {
    const clock = new ManualClock(1000)
    await clock.advance(250)
    expect([clock.now(), clock.monotonic()]).toEqual([1250, 250])
  })

  test('runs timers in the order of their time, each at its own', async () => {
    const clock = new ManualClock(0)
    const seen: string[] = []
    const note = (name: string) => () => seen.push(`${name} at ${String(clock.now())}`)
    clock.setTimer(30, note('late'))
    clock.setTimer(10, note('early'))
    clock.setTimer(10, note('early too'))
    clock.setTimer(31, note('never'))
    await clock.advance(30)
    expect(seen).toEqual(['early at 10', 'early too at 10', 'late at 30'])
    expect(clock.pending).toBe(1)
  })

  test('lets promises go on between timers, and runs the timers that they set', async () => {
    const clock = new ManualClock(0)
    const wait = (delayMs: number): Promise<void> => new Promise((resolve) => clock.setTimer(delayMs, resolve))
    const seen: number[] = []
    const loop = async (): Promise<void> => {
      for (let round = 0; round < 3; round++) {
        await wait(10)
        await Promise.resolve()
        seen.push(clock.now())
      }
    }
    const looping = loop()
    await clock.advance(100)
    await looping
    expect(seen).toEqual([10, 20, 30])
  })

  test('runs no timer that was taken back', async () => {
    const clock = new ManualClock()
    const stop = clock.setTimer(5, () => expect.fail('was taken back'))
    stop()
    await clock.advance(10)
    expect(clock.pending).toBe(0)
  })

  test('jumps in wall time without bringing timers nearer', async () => {
    const clock = new ManualClock(0)
    let hasRun = false
    clock.setTimer(10, () => {
      hasRun = true
    })
    clock.jumpTo(3_600_000)
    await clock.advance(9)
    expect([clock.now(), clock.monotonic(), hasRun]).toEqual([3_600_009, 9, false])
  })
})
