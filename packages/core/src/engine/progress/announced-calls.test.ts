import { describe, expect, it } from 'vitest'

import type { LearnedTask } from '../../journal/learned-plan.ts'
import { announcedCalls, mapsAt } from './announced-calls.ts'
import type { FinishedTask, SeenTask } from './twin/twin-state.ts'

const running = (id: string): SeenTask => ({ key: id.replace(/^.*\/|#.*$/g, ''), id, state: 'running', start: 0 })
const learned = (callsPerItem: number, rounds: number): readonly LearnedTask[] => [
  { name: 'fetch', weight: 1, rounds, callsPerItem, estimatedMs: 10, startsAt: 0, endsAt: 1 },
]
const PAGES = new Map([['pages#1', 50]])

describe('announcedCalls()', () => {
  it('takes one call for each item, as long as nothing else is known', () => {
    const announced = announcedCalls(PAGES, [running('pages#1[0]/fetch#1'), running('pages#1[1]/fetch#1')], [])
    expect(announced).toEqual(new Map([['fetch', { calls: 50, isAll: true }]]))
  })

  it('takes as many calls for an item as past runs had', () => {
    const announced = announcedCalls(PAGES, [running('pages#1[0]/fetch#1')], learned(0.5, 1))
    expect(announced.get('fetch')).toEqual({ calls: 25, isAll: true })
  })

  it('knows that more maps may come, when past runs had more', () => {
    const announced = announcedCalls(PAGES, [running('fetch#1'), running('pages#1[0]/fetch#1')], learned(1, 3))
    expect(announced.get('fetch')).toEqual({ calls: 51, isAll: false })
  })

  it('takes the items of a map that are calls themselves', () => {
    const announced = announcedCalls(new Map([['fetch#1', 50]]), [running('fetch#1[0]'), running('fetch#1[1]')], [])
    expect(announced).toEqual(new Map([['fetch', { calls: 50, isAll: true }]]))
  })

  it('says nothing of calls outside of maps', () => {
    expect(announcedCalls(PAGES, [running('fetch#1')], []).size).toBe(0)
  })
})

describe('mapsAt()', () => {
  it('gives the maps that had begun, with all their items', () => {
    const call = (id: string, start: number): FinishedTask => ({ key: 'x', id, start, end: 9, ok: true, deps: [] })
    const calls = [call('a#1[0]/x#1', 0), call('a#1[1]/x#1', 5), call('a#1[1]/y#1', 5), call('b#1[0]/x#1', 6)]
    expect(mapsAt(calls, 1)).toEqual(new Map([['a#1', 2]]))
  })
})
