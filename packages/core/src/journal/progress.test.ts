import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { LearnedPlan, LearnedTask } from './learned-plan.ts'
import { ProgressModel, timeFraction, type ProgressCall } from './progress.ts'

const nothingLive = (): number => 0
const call = (name: string, weight = 1, n = 1): ProgressCall => ({
  key: `${name}#${String(n)}`,
  name,
  weight,
  item: null,
})
const plan = (weights: Readonly<Record<string, number>>) =>
  Object.entries(weights).map(([name, weight]) => ({ name, weight, estimatedMs: null, isOpen: false }))

const learnedTask = (name: string, changes: Partial<LearnedTask> = {}): LearnedTask => ({
  name,
  weight: 1,
  rounds: 1,
  callsPerItem: null,
  estimatedMs: 1000,
  startsAt: 0,
  endsAt: 1,
  ...changes,
})

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

  it('counts the calls that are items of a map, planned or not, however late its size is told', () => {
    for (const planned of [plan({ load: 1 }), []]) {
      const model = new ProgressModel(planned)
      const begin = (n: number, count: number): void => {
        const map = { path: 'load#1', name: 'load', count, weight: null, isOfCalls: true }
        model.begin({
          key: `load#1[${String(n)}]`,
          name: 'load',
          weight: 1,
          item: { map, path: `load#1[${String(n)}]` },
        })
      }
      begin(0, 0)
      begin(1, 4)
      model.finish('load#1[1]', false)
      expect([model.done, model.total]).toEqual([1, 4])
      expect(model.segments(nothingLive)).toMatchObject([{ name: 'load', fraction: 0.25, status: 'running' }])
    }
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

  it('keeps room for a further round of a task that is called in a loop', () => {
    const model = new ProgressModel(plan({ 'fetch page': 1 }))
    const after = [1, 2, 3, 9].map((n) => {
      model.begin(call('fetch page', 1, n))
      model.finish(`fetch page#${String(n)}`, false)
      return model.fraction(nothingLive)
    })
    expect(after).toEqual([1 / 2, 2 / 3, 3 / 4, 4 / 5])
  })

  it('gives the whole segment to a single call as long as it runs', () => {
    const model = new ProgressModel(plan({ load: 1 }))
    model.begin(call('load'))
    expect(model.fraction(() => 0.8)).toBe(0.8)
  })

  it('shares what is left of the bar with work that nobody planned, and never falls for it', () => {
    const model = new ProgressModel(plan({ a: 1, b: 1 }))
    model.begin(call('a'))
    model.finish('a#1', false)
    const before = model.fraction(nothingLive)
    model.begin(call('surprise', 2))
    expect([before, model.fraction(nothingLive)]).toEqual([0.5, 0.5])
    model.finish('surprise#1', false)
    expect(model.fraction(nothingLive)).toBeCloseTo(0.5 + 0.5 * (2 / 3))
  })

  it('lets a map inside of an item share the item', () => {
    const model = new ProgressModel([])
    const map = { path: 'pages#1', name: 'pages', count: 1, weight: null }
    const item = { map, path: 'pages#1[0]' }
    model.openMap(map)
    model.begin({ key: 'pages#1[0]/list#1', name: 'list', weight: 1, item })
    model.finish('pages#1[0]/list#1', false)
    model.openInside(item, 3)
    expect(model.segments(nothingLive)[0]?.fraction).toBe(1 / 4)
    model.closeInside(item)
    expect(model.segments(nothingLive)[0]?.fraction).toBe(1)
  })

  it('takes a weight that depends on arguments from the call', () => {
    const model = new ProgressModel([
      { name: 'load', weight: 1, estimatedMs: null, isOpen: true },
      ...plan({ report: 1 }),
    ])
    model.begin(call('load', 9))
    model.finish('load#1', false)
    expect(model.fraction(nothingLive)).toBe(0.9)
  })

  describe('with what past runs say', () => {
    const learned: LearnedPlan = [
      learnedTask('list', { weight: 0.3, endsAt: 0.1 }),
      learnedTask('fetch', { weight: 1.8, rounds: 3, startsAt: 0.1, endsAt: 0.7 }),
      learnedTask('report', { weight: 0.9, startsAt: 0.7 }),
    ]

    it('has the tasks and the shares of past runs before the first call', () => {
      const model = new ProgressModel([], learned)
      expect(model.total).toBe(3)
      model.begin(call('list'))
      model.finish('list#1', false)
      expect(model.fraction(nothingLive)).toBeCloseTo(0.1)
    })

    it('knows how often a loop comes round', () => {
      const model = new ProgressModel([], learned)
      const rounds = [1, 2, 3].map((n) => {
        model.begin(call('fetch', 1, n))
        model.finish(`fetch#${String(n)}`, false)
        return model.fraction(nothingLive)
      })
      expect(rounds.map((fraction) => Math.round(fraction * 10))).toEqual([2, 4, 6])
    })

    it('does not wait for rounds that did not come, once the run is at what follows them', () => {
      const model = new ProgressModel([], learned)
      model.begin(call('fetch'))
      model.finish('fetch#1', false)
      model.begin(call('report'))
      expect(model.fraction(nothingLive)).toBeCloseTo(0.6)
    })

    it('lets weights that are declared stand', () => {
      const model = new ProgressModel(plan({ list: 1, fetch: 3 }), learned)
      expect(model.segments(nothingLive).map(({ weight }) => weight)).toEqual([1, 3])
    })

    it('does not expect more of a map than it has', () => {
      const model = new ProgressModel([], [learnedTask('get', { callsPerItem: 2 })])
      const map = { path: 'pages#1', name: 'pages', count: 2, weight: null }
      model.openMap(map)
      model.begin({ key: 'pages#1[0]/get#1', name: 'get', weight: 1, item: { map, path: 'pages#1[0]' } })
      model.finish('pages#1[0]/get#1', false)
      expect(model.fraction(nothingLive)).toBe(0.25)
    })
  })

  it('stays from 0 to 1 for any order of calls, and is 1 when all that was expected is done', () => {
    const names = ['a', 'b', 'c', 'new']
    const learned = names.map((name) => learnedTask(name, { rounds: 3 }))
    const step = fc.record({ name: fc.constantFrom(...names), n: fc.integer({ min: 1, max: 3 }), ends: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step), fc.double({ min: 0, max: 1, noNaN: true }), (steps, live) => {
        const model = new ProgressModel(plan({ a: 1, b: 2, c: 0.1, new: 1e9 }), learned)
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
  it('follows the clock against the estimate', () => {
    expect([0, 500, 800].map((elapsed) => timeFraction(elapsed, 1000))).toEqual([0, 0.5, 0.8])
  })

  it('goes on ever slower when it takes longer, and never gets beyond 0.95', () => {
    const fractions = [800, 1000, 1200, 1500, 2000].map((elapsed) => timeFraction(elapsed, 1000))
    const steps = fractions.slice(1).map((fraction, index) => fraction - (fractions[index] ?? 0))
    expect(steps.every((step) => step > 0)).toBe(true)
    expect(steps).toEqual(steps.toSorted((left, right) => right - left))
    expect(timeFraction(1e9, 1000)).toBe(0.95)
  })

  it('is 0 without an estimate and for a clock that went back', () => {
    expect([timeFraction(500, null), timeFraction(-5, 1000), timeFraction(Number.NaN, 1000)]).toEqual([0, 0, 0])
  })
})
