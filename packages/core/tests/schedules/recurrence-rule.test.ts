import { flow, FlowEngine, memoryStorage } from '@perfect/core'
import { RRuleTemporal } from 'rrule-temporal'
import { expect, it } from 'vitest'

import { ManualClock } from '../../src/testing/manual-clock.ts'

// As the guide shows it.
function recurrence(text: string): (after: Date) => Date | null {
  const rule = new RRuleTemporal({ rruleString: text })
  return (after) => {
    const next = rule.next(after)
    return next && new Date(next.epochMilliseconds)
  }
}

it('a schedule runs at the times of a recurrence rule, over the change of the clocks', async () => {
  const clock = new ManualClock(Date.parse('2027-03-01T00:00:00Z'))
  const times = recurrence('DTSTART;TZID=Europe/Berlin:20260101T090000\nRRULE:FREQ=MONTHLY;BYDAY=-1FR')
  const closing = flow('closing', { schedule: { times, text: 'every last Friday of the month' } }, () => 1)
  const engine = new FlowEngine({ storage: memoryStorage({ clock }), clock })
  engine.registerFlow(closing)
  await engine.start()
  expect(await engine.schedules.get('closing')).toMatchObject({
    text: 'every last Friday of the month',
    nextAt: '2027-03-26T08:00:00.000Z',
  })
  const preview = await engine.schedules.preview('closing', 2)
  expect(preview.map(({ at }) => at)).toEqual(['2027-03-26T08:00:00.000Z', '2027-04-30T07:00:00.000Z'])
  await clock.advance(62 * 86_400_000)
  const { items } = await engine.getRuns()
  expect(items.map(({ createdAt }) => createdAt)).toEqual(preview.map(({ at }) => at).toReversed())
  const stopping = engine.stop({ drainMs: 0 })
  await clock.advance(100)
  await stopping
})
