import { flow, sleep, step, type RunView } from '@perfect/core'
import { describe, expect, it } from 'vitest'

import { testEngine } from '../../src/testing/test-engine/test-engine.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

describe('F-12 a clock that jumps', () => {
  it.each([-DAY_MS, -HOUR_MS, HOUR_MS, DAY_MS])(
    'by %i ms neither ends nor lengthens the time of a task',
    async (jumpMs) => {
      const { promise, resolve } = Promise.withResolvers<string>()
      const slow = flow('slow', () => step('work', { timeout: '10m' }, () => promise))
      await using kit = await testEngine({ flows: [slow], patienceMs: 1 })
      const { id } = await kit.engine.triggerFlow(slow)
      await kit.advance('5m')
      kit.clock.jumpTo(kit.clock.now() + jumpMs)
      await kit.advance('4m')
      expect((await kit.engine.getRun(id)).status).toBe('running')
      resolve('done')
      expect((await kit.finish(id)).result).toBe('done')

      const hanging = flow('hanging', () => step('work', { timeout: '10m' }, () => new Promise(() => undefined)))
      kit.engine.registerFlow(hanging)
      const other = await kit.engine.triggerFlow(hanging)
      kit.clock.jumpTo(kit.clock.now() + jumpMs)
      await kit.advance('601s')
      expect((await kit.engine.getRun(other.id)).error?.code).toBe('TASK_TIMEOUT')
    },
  )

  it('forwards and backwards all the time lets a sleep end once, after its instant, and progress never fall', async () => {
    const shown: RunView[] = []
    const wokeAfterMs: number[] = []
    const nap = flow('nap', async () => {
      await step('before', () => 1)
      await sleep('2h')
      return step('after', () => wokeAfterMs.push(kit.clock.monotonic()))
    })
    await using kit = await testEngine({ flows: [nap], engine: { leaseMs: 60_000 } })
    kit.engine.on('run.updated', (run) => shown.push(run))
    const { id } = await kit.engine.triggerFlow(nap)
    const began = kit.clock.now()
    for (let minute = 0; minute < 240; minute++) {
      const truth = began + kit.clock.monotonic()
      kit.clock.jumpTo(truth + (minute % 3) * 20 * 60_000 - 20 * 60_000)
      await kit.advance('1m')
    }
    expect((await kit.engine.getRun(id)).status).toBe('succeeded')
    expect(wokeAfterMs).toHaveLength(1)
    // As early or late as the worst clock by which it was told that its time had come.
    expect(wokeAfterMs[0]).toBeGreaterThanOrEqual(80 * 60_000)
    expect(wokeAfterMs[0]).toBeLessThanOrEqual(161 * 60_000)
    const percents = shown.map(({ progress }) => progress.percent)
    expect(percents).toEqual(percents.toSorted((a, b) => a - b))
  })
})
