import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { ProgressModel, timeFraction, type ProgressCall } from './progress.ts'

const nothingLive = (): number => 0
const call = (name: string, weight = 1, n = 1): ProgressCall => ({
  key: `${name}#${String(n)}`,
  name,
  weight,
  item: null,
})
const plan = (weights: Readonly<Record<string, number>>) =>
  Object.entries(weights).map(([name, weight]) => ({ name, weight, estimatedMs: null }))

describe('ProgressModel', () => {
  it('weighs finished tasks against the plan', () => {
    const model = new ProgressModel(plan({ extract: 1, load: 3 }))
    model.begin(call('extract'))
    model.finish('extract#1', false)
    expect(model.fraction(nothingLive)).toBe(0.25)
    expect([model.done, model.total]).toEqual([1, 2])
  })

  it('counts a running task by how far it is', () => {
    const model = new ProgressModel(plan({ extract: 1, load: 3 }))
    model.begin(call('load'))
    expect(model.fraction(() => 0.5)).toBe(0.375)
    expect(model.current).toBe('load')
  })

  it('lets the items of a map share the weight that was planned for the task', () => {
    const model = new ProgressModel(plan({ list: 1, 'fetch page': 4 }))
    const map = { path: 'pages#1', name: 'pages', count: 4, weight: null }
    model.openMap(map)
    model.begin({ key: 'pages#1[a]/fetch page#1', name: 'fetch page', weight: 1, item: { map, path: 'pages#1[a]' } })
    model.finish('pages#1[a]/fetch page#1', false)
    expect(model.fraction(nothingLive)).toBeCloseTo(1 / 5)
    expect([model.done, model.total]).toEqual([1, 5])
  })

  it('does not wait for calls that the items of an ended map did not make', () => {
    const model = new ProgressModel(plan({ load: 1, store: 1 }))
    const map = { path: 'pages#1', name: 'pages', count: 2, weight: null }
    model.openMap(map)
    for (const key of ['0', '1']) {
      const path = `pages#1[${key}]`
      model.begin({ key: `${path}/load#1`, name: 'load', weight: 1, item: { map, path } })
      model.finish(`${path}/load#1`, key === '0')
    }
    model.begin({ key: 'pages#1[1]/store#1', name: 'store', weight: 1, item: { map, path: 'pages#1[1]' } })
    model.finish('pages#1[1]/store#1', false)
    expect(model.fraction(nothingLive)).toBe(0.75)
    model.closeMap(map)
    expect([model.fraction(nothingLive), model.done, model.total]).toEqual([1, 3, 3])
  })

  it('lets the items of a planned map share its weight', () => {
    const model = new ProgressModel(plan({ pages: 1 }))
    const map = { path: 'pages#1', name: 'pages', count: 2, weight: null }
    model.openMap(map)
    model.begin({ key: 'pages#1[0]/get#1', name: 'get', weight: 1, item: { map, path: 'pages#1[0]' } })
    model.finish('pages#1[0]/get#1', false)
    model.finishItem(map, 'pages#1[0]')
    expect([model.fraction(nothingLive), model.done, model.total]).toEqual([0.5, 1, 2])
    expect(model.segments(nothingLive)).toEqual([{ name: 'pages', weight: 1, fraction: 0.5, status: 'running' }])
  })

  it('keeps room for what is unknown when there is no plan', () => {
    const model = new ProgressModel([])
    model.begin(call('a'))
    model.finish('a#1', false)
    expect(model.fraction(nothingLive)).toBe(0.5)
    model.begin(call('b'))
    model.finish('b#1', false)
    expect(model.fraction(nothingLive)).toBeCloseTo(2 / 3)
  })

  it('counts a call that is told twice once', () => {
    const model = new ProgressModel(plan({ a: 1, b: 1 }))
    for (let times = 0; times < 2; times++) {
      model.begin(call('a'))
      model.finish('a#1', false)
    }
    expect([model.fraction(nothingLive), model.done]).toEqual([0.5, 1])
  })

  it('stays from 0 to 1 for any order of calls, and is 1 when all that was planned is done', () => {
    const names = ['a', 'b', 'c', 'new']
    const step = fc.record({ name: fc.constantFrom(...names), n: fc.integer({ min: 1, max: 3 }), ends: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step), fc.double({ min: 0, max: 1, noNaN: true }), (steps, live) => {
        const model = new ProgressModel(plan({ a: 1, b: 2, c: 0.1 }))
        for (const { name, n, ends } of steps) {
          if (ends) model.finish(`${name}#${String(n)}`, false)
          else model.begin(call(name, 1, n))
          const fraction = model.fraction(() => live)
          expect(fraction).toBeGreaterThanOrEqual(0)
          expect(fraction).toBeLessThanOrEqual(1 + 1e-9)
        }
        for (const name of names)
          for (const n of [1, 2, 3]) {
            model.begin(call(name, 1, n))
            model.finish(`${name}#${String(n)}`, false)
          }
        expect(model.fraction(() => live)).toBeCloseTo(1)
      }),
    )
  })
})

describe('timeFraction()', () => {
  it('follows the clock against the estimate and stops at 0.95', () => {
    expect([0, 500, 950, 5000].map((elapsed) => timeFraction(elapsed, 1000))).toEqual([0, 0.5, 0.95, 0.95])
  })

  it('is 0 without an estimate and for a clock that went back', () => {
    expect([timeFraction(500, null), timeFraction(-5, 1000), timeFraction(Number.NaN, 1000)]).toEqual([0, 0, 0])
  })
})
