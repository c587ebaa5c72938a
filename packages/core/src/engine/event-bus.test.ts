import { beforeEach, describe, expect, it } from 'vitest'

import { ManualClock } from '../testing/manual-clock.ts'
import { EventBus } from './event-bus.ts'
import type { EngineEvent } from './views.ts'

const removed = (id: string) => (): { readonly id: string } => ({ id })

let clock: ManualClock
let bus: EventBus
let errors: string[]

beforeEach(() => {
  clock = new ManualClock()
  errors = []
  bus = new EventBus('eng_1', clock, (_error, doing) => errors.push(doing))
})

describe('EventBus', () => {
  it('gives typed listeners the data, until they are taken off', () => {
    const seen: string[] = []
    const listener = ({ id }: { readonly id: string }): void => void seen.push(id)
    bus.on('flow.removed', listener)
    bus.once('flow.removed', ({ id }) => seen.push(`once ${id}`))
    bus.publish('flow.removed', removed('a'))
    bus.publish('flow.removed', removed('b'))
    bus.off('flow.removed', listener)
    bus.publish('flow.removed', removed('c'))
    expect(seen).toEqual(['a', 'once a', 'b'])
  })

  it('takes any number of listeners without a warning of Node', async () => {
    const warnings: Error[] = []
    const keep = (warning: Error): void => void warnings.push(warning)
    process.on('warning', keep)
    for (let count = 0; count < 100; count++) bus.on('flow.removed', () => undefined)
    // Node tells warnings in the next tick.
    await new Promise(setImmediate)
    process.off('warning', keep)
    expect(warnings).toEqual([])
  })

  it('does not build the data of an event that nobody wants', () => {
    bus.publish('flow.removed', () => {
      throw new Error('built for nobody')
    })
    expect(bus.lastId).toBe('eng_1:1')
  })

  it('lets a subscriber that was away for a moment go on where it was', () => {
    const seen: EngineEvent[] = []
    const end = bus.subscribe((event) => seen.push(event))
    bus.publish('flow.removed', removed('a'))
    end()
    bus.publish('flow.removed', removed('b'))
    bus.publish('flow.removed', removed('c'))
    expect(seen.map(({ id }) => id)).toEqual(['eng_1:1'])
    expect(bus.since('eng_1:1')?.map(({ id, data }) => [id, data])).toEqual([
      ['eng_1:2', { id: 'b' }],
      ['eng_1:3', { id: 'c' }],
    ])
    expect(bus.since('eng_1:3')).toEqual([])
  })

  it('calls subscribers a moment after what they are told of, and before they leave', async () => {
    const seen: string[] = []
    const end = bus.subscribe(({ id }) => seen.push(id))
    bus.publish('flow.removed', removed('a'))
    bus.publish('flow.removed', removed('b'))
    expect(seen).toEqual([])
    await new Promise(setImmediate)
    expect(seen).toEqual(['eng_1:1', 'eng_1:2'])
    bus.publish('flow.removed', removed('c'))
    end()
    await new Promise(setImmediate)
    expect(seen).toEqual(['eng_1:1', 'eng_1:2', 'eng_1:3'])
  })

  it('has told of everything before whoever asks for its number, or begins to listen', () => {
    const seen: string[] = []
    bus.subscribe(({ id }) => seen.push(id))
    bus.publish('flow.removed', removed('a'))
    expect([bus.lastId, seen]).toEqual(['eng_1:1', ['eng_1:1']])
    bus.publish('flow.removed', removed('b'))
    bus.subscribe(({ id }) => seen.push(`late ${id}`))
    expect(seen).toEqual(['eng_1:1', 'eng_1:2'])
  })

  it('reports an event that cannot be made, and lets nobody go on over the gap', () => {
    const seen: string[] = []
    bus.subscribe(({ id }) => seen.push(id))
    bus.publish('flow.removed', removed('a'))
    bus.publish('flow.removed', () => {
      throw new Error('no data')
    })
    bus.publish('flow.removed', removed('c'))
    expect(bus.since('eng_1:1')).toBeUndefined()
    expect(bus.since('eng_1:2')).toHaveLength(1)
    expect([seen, errors]).toEqual([['eng_1:1', 'eng_1:3'], ['the event "flow.removed"']])
  })

  it('sends a subscriber that was away for too long to fetch anew', async () => {
    bus.subscribe(() => undefined)()
    bus.publish('flow.removed', removed('a'))
    await clock.advance(120_000)
    bus.publish('flow.removed', removed('b'))
    expect(bus.since('eng_1:1')).toBeUndefined()
  })

  it.each(['eng_2:1', 'eng_1:9', 'eng_1:-1', 'eng_1:x', '', 'nonsense'])('does not know the event %j', (id) => {
    bus.subscribe(() => undefined)
    bus.publish('flow.removed', removed('a'))
    expect(bus.since(id)).toBeUndefined()
  })

  it('keeps a bounded number of events, without gaps at its end', () => {
    bus.subscribe(() => undefined)
    for (let n = 1; n <= 30_000; n++) bus.publish('flow.removed', removed(String(n)))
    expect(bus.since('eng_1:1')).toBeUndefined()
    expect(
      bus
        .since('eng_1:20001')
        ?.map(({ data }) => data)
        .at(0),
    ).toEqual({ id: '20002' })
    expect(bus.since('eng_1:20001')).toHaveLength(9999)
  })

  it('tells of changes soon after, once for many', async () => {
    let changes = 0
    const end = bus.onChange(() => changes++)
    for (const id of ['a', 'b', 'c']) bus.publish('flow.removed', removed(id))
    expect(changes).toBe(0)
    await Promise.resolve()
    expect(changes).toBe(1)
    end()
    bus.publish('flow.removed', removed('d'))
    await Promise.resolve()
    expect(changes).toBe(1)
  })

  it('goes on when a listener throws, and reports it', () => {
    const seen: string[] = []
    bus.on('flow.removed', () => {
      throw new Error('listener')
    })
    bus.on('flow.removed', ({ id }) => seen.push(id))
    bus.publish('flow.removed', removed('a'))
    expect([seen, errors]).toEqual([['a'], ['a listener of "flow.removed"']])
  })
})
