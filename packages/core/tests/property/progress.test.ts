import { flow, map, memoryStorage, step, type RunView } from '@perfect/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { FlowEngine } from '../../src/engine/flow-engine.ts'
import { ProgressModel, type OpenMap, type ProgressCall } from '../../src/journal/progress.ts'
import { ManualClock } from '../../src/testing/manual-clock.ts'

const names = fc.constantFrom('a', 'b', 'c', 'pages')
const anyNumber = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Infinity, -Infinity, -1, 0))
const planned = fc.uniqueArray(fc.record({ name: names, weight: fc.double({ min: 0.001, max: 1000, noNaN: true }) }), {
  selector: ({ name }) => name,
  maxLength: 3,
})
const event = fc.record({
  what: fc.constantFrom('begin', 'finish', 'open', 'item'),
  name: names,
  number: fc.nat(4),
  weight: fc.double({ min: 0.001, max: 1000, noNaN: true }),
  isFailed: fc.boolean(),
  live: anyNumber,
})

const mapOf = (name: string, count: number): OpenMap => ({ path: `${name}#1`, name, count, weight: null })

describe('F-30 I5 progress that is told anything in any order', () => {
  it('is a number from 0 to 1 with counts that fit', () => {
    fc.assert(
      fc.property(planned, fc.array(event, { maxLength: 30 }), (plan, events) => {
        const model = new ProgressModel(plan.map((one) => ({ ...one, estimatedMs: null, isOpen: false })))
        for (const { what, name, number, weight, isFailed, live } of events) {
          const open = mapOf(name, number)
          const item = isFailed ? { map: open, path: `${open.path}[${String(number)}]` } : null
          const call: ProgressCall = { key: `${name}#${String(number)}`, name, weight, item }
          if (what === 'begin') model.begin(call)
          else if (what === 'finish') model.finish(call.key, isFailed)
          else if (what === 'open') model.openMap(open)
          else model.finishItem(open, `${open.path}[${String(number)}]`)
          const clamped = Number.isNaN(live) ? 0 : Math.min(1, Math.max(0, live))
          const fraction = model.fraction(() => clamped)
          expect(fraction).toBeGreaterThanOrEqual(0)
          expect(fraction).toBeLessThanOrEqual(1 + 1e-9)
          expect(model.done).toBeLessThanOrEqual(model.total)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('never falls for those who look, with any reports, estimates and clocks', async () => {
    const report = fc.record({ fraction: anyNumber, jumpMs: fc.integer({ min: -100_000, max: 100_000 }) })
    await fc.assert(
      fc.asyncProperty(fc.array(report, { maxLength: 12 }), fc.nat(3), async (reports, items) => {
        const clock = new ManualClock()
        const engine = new FlowEngine({ storage: memoryStorage({ clock }), clock })
        const shown: RunView[] = []
        engine.on('run.updated', (run) => shown.push(run))
        const chatty = flow('chatty', async () => {
          await step('reports', { estimatedTime: '1s' }, ({ progress }) => {
            for (const { fraction, jumpMs } of reports) {
              progress(fraction)
              clock.jumpTo(clock.now() + jumpMs)
            }
          })
          await map('items', Array.from({ length: items }), () => step('one', () => 1))
        })
        engine.registerFlow(chatty)
        await engine.start()
        await engine.triggerFlow(chatty)
        await clock.advance(5000)
        const percents = shown.map(({ progress }) => progress.percent)
        expect(percents.every((percent) => percent >= 0 && percent <= 100)).toBe(true)
        expect(percents).toEqual(percents.toSorted((a, b) => a - b))
        expect(shown.at(-1)).toMatchObject({ status: 'succeeded', progress: { percent: 100 } })
        const stopping = engine.stop({ drainMs: 0 })
        await clock.advance(10)
        await stopping
      }),
      { numRuns: 60 },
    )
  })
})
