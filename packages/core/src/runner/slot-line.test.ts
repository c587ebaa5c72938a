import { beforeEach, describe, expect, it } from 'vitest'

import type { TaskLimit } from '../definition/limits.ts'
import type { Receipt } from '../storage/changes.ts'
import type { LimitRoom } from '../storage/storage.ts'
import { ManualClock } from '../testing/manual-clock.ts'
import type { Turn } from './line-turn.ts'
import { SlotLine } from './slot-line.ts'

const ACCEPTED: Receipt = { accepted: true }
const DB = [{ key: 'db', max: 2 }]

let clock: ManualClock
let line: SlotLine
/** Places that are left by limit, as a storage would know. */
let left: Map<string, number>
let asked: string[]
let looks: number
let retryAt: number | null

beforeEach(() => {
  clock = new ManualClock()
  left = new Map([
    ['db', 2],
    ['api', 1],
  ])
  asked = []
  looks = 0
  retryAt = null
  line = new SlotLine(clock, (limits) => {
    looks++
    return Promise.resolve(
      limits.map(({ key }): LimitRoom => ({ free: left.get(key) ?? 0, freeAt: null, holders: [] })),
    )
  })
})

function change(limits: readonly TaskLimit[], by: number): void {
  for (const { key } of limits) left.set(key, (left.get(key) ?? 0) + by)
}

function join(name: string, limits: readonly TaskLimit[] = DB): Turn {
  const ask = async (): Promise<Receipt> => {
    asked.push(name)
    const hasRoom = limits.every(({ key }) => (left.get(key) ?? 0) > 0)
    if (hasRoom) change(limits, -1)
    await Promise.resolve()
    return hasRoom ? ACCEPTED : { accepted: false, refusal: 'limited', retryAt }
  }
  return line.join({ limits, ask, giveBack: () => free(limits) })
}

function free(limits: readonly TaskLimit[] = DB): void {
  change(limits, 1)
  line.freed(limits)
}

async function rest(): Promise<void> {
  await clock.advance(0)
}

describe('SlotLine', () => {
  it('lets calls ask together as long as there are places, and then only the first', async () => {
    const turns = Array.from({ length: 50 }, (_, index) => join(String(index)))
    await rest()
    expect(turns.map(({ hasEnded }) => hasEnded).indexOf(false)).toBe(2)
    expect(asked.length).toBeLessThanOrEqual(6)
    const before = asked.length
    await clock.advance(10_000)
    expect(asked).toHaveLength(before)
    expect(looks).toBe(100)
  })

  it('gives a place that comes free here to the next at once, in the order of the calls', async () => {
    const turns = Array.from({ length: 6 }, (_, index) => join(String(index)))
    await rest()
    for (let next = 2; next < 6; next++) {
      free()
      await rest()
      expect(turns.map(({ hasEnded }) => hasEnded).indexOf(false)).toBe(next === 5 ? -1 : next + 1)
    }
    expect(looks).toBe(0)
  })

  it('sees within a tenth of a second, without asking before, that places came free elsewhere', async () => {
    const turns = Array.from({ length: 6 }, (_, index) => join(String(index)))
    await clock.advance(1000)
    const before = asked.length
    change(DB, 2)
    await clock.advance(100)
    expect(asked.slice(before, before + 2)).toEqual(['2', '3'])
    expect(turns.map(({ hasEnded }) => hasEnded).indexOf(false)).toBe(4)
  })

  it('asks again when time has brought a place, and does not look before', async () => {
    left.set('db', 0)
    retryAt = clock.now() + 5000
    const turn = join('a')
    await clock.advance(4999)
    expect([asked, looks]).toEqual([['a'], 0])
    left.set('db', 1)
    await clock.advance(1)
    expect(turn.hasEnded).toBe(true)
  })

  it('keeps those of one limit from passing one that waits for two', async () => {
    const both = [...DB, { key: 'api', max: 1 }]
    left.set('api', 0)
    const [first, second] = [join('both', both), join('db only')]
    await rest()
    expect([first.hasEnded, second.hasEnded]).toEqual([false, false])
    free([{ key: 'api', max: 1 }])
    await rest()
    expect([first.hasEnded, second.hasEnded]).toEqual([true, true])
  })

  it('lets the next move up when one leaves, and gives the place back that came too late for it', async () => {
    left.set('db', 0)
    const [one, two, three] = [join('1'), join('2'), join('3')]
    await rest()
    expect([one.place?.place, two.place?.place, three.place?.place]).toEqual([1, 2, 3])
    two.leave()
    expect(three.place).toEqual({ limit: DB[0], place: 2 })
    left.set('db', 1)
    line.freed(DB)
    // It asks, and leaves before the answer.
    await Promise.resolve()
    one.leave()
    await rest()
    expect([await one.ended, await three.ended]).toEqual([false, true])
    expect(left.get('db')).toBe(0)
  })

  it('tells a call when asking for it has failed, and goes on with the next', async () => {
    const error = new Error('broken')
    const broken = line.join({ limits: DB, ask: () => Promise.reject(error), giveBack: () => undefined })
    const next = join('next')
    await expect(broken.ended).rejects.toBe(error)
    await expect(next.ended).resolves.toBe(true)
  })
})
