import { flow, FlowEngine, memoryStorage, type RunHistogram } from '@perfect/core'
import { ManualClock } from '@perfect/core/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const AT = Date.UTC(2026, 10, 23, 12)
const HOUR = 3_600_000
let clock: ManualClock
let engine: FlowEngine

beforeEach(async () => {
  clock = new ManualClock(AT)
  engine = new FlowEngine({ clock, storage: memoryStorage({ clock }) })
  engine.registerFlow(flow('good', () => 1))
  engine.registerFlow(flow('bad', () => Promise.reject(new Error('no'))))
  await engine.start()
})
afterEach(() => engine.stop({ drainMs: 0 }))

async function run(name: string): Promise<void> {
  const handle = await engine.triggerFlow(name)
  await handle.result().catch(() => null)
}

const bars = ({ items }: RunHistogram) => items.map(({ runs }) => runs)

describe('getRunHistogram()', () => {
  it('counts the runs that fit by when they were created and what they are now', async () => {
    await run('good')
    await run('bad')
    clock.jumpTo(AT + 2 * HOUR)
    await run('good')
    const range = { createdFrom: AT, createdBefore: AT + 3 * HOUR, bars: 3 }
    const histogram = await engine.getRunHistogram(range)
    expect(histogram).toMatchObject({ widthMs: HOUR, isPartial: false })
    expect(histogram.items.map(({ from }) => from)).toEqual(
      [0, 1, 2].map((hours) => new Date(AT + hours * HOUR).toISOString()),
    )
    expect(bars(histogram)).toEqual([{ succeeded: 1, failed: 1 }, {}, { succeeded: 1 }])
    expect(bars(await engine.getRunHistogram({ ...range, not: { flowIds: ['bad'] } }))).toEqual([
      { succeeded: 1 },
      {},
      { succeeded: 1 },
    ])
  })

  it('is about the last 24 hours when nothing is said, in 60 bars', async () => {
    await run('good')
    const histogram = await engine.getRunHistogram()
    expect(histogram.items).toHaveLength(60)
    expect(histogram.items.at(-1)?.runs).toEqual({ succeeded: 1 })
  })

  it.each([{ bars: 0 }, { bars: 501 }, { bars: 1.5 }, { createdFrom: AT, createdBefore: AT }])(
    'refuses %o',
    async (query) => {
      await expect(engine.getRunHistogram(query)).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
    },
  )
})
