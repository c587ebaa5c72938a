import axe from 'axe-core'
import { describe, expect, onTestFinished, test } from 'vitest'

import '../src/index.ts'
import { FixtureClient } from './fixture/fixture-client.ts'
import { FixtureEngine } from './fixture/fixture-engine.ts'
import { ago, makeEstimate, makeRun } from './fixture/make.ts'
import { textOf, until } from './mount.ts'

function mountProgress(run: string) {
  const engine = new FixtureEngine({
    runs: [
      makeRun({ id: 'run_1', progress: { percent: 40, done: 1, total: 2, current: null, found: null, segments: [] } }),
    ],
  })
  const element = document.createElement('perfect-progress')
  element.client = new FixtureClient(engine)
  element.run = run
  element.textContent = 'Loading…'
  document.body.append(element)
  onTestFinished(() => {
    element.remove()
  })
  return { engine, element }
}

describe('<perfect-progress>', () => {
  test('shows one run, follows it, and says once that it has ended', async () => {
    const { engine, element } = mountProgress('run_1')
    let finished = 0
    element.addEventListener('perfect-finish', () => finished++)
    await until(() => textOf(element).includes('Running') && textOf(element).includes('40 %'))
    const end = makeRun({
      id: 'run_1',
      status: 'succeeded',
      progress: { percent: 100, done: 2, total: 2, current: null, found: null, segments: [] },
    })
    engine.publish('run.updated', end)
    engine.publish('run.updated', end)
    await until(() => textOf(element).includes('Succeeded') && textOf(element).includes('100 %'))
    expect(finished).toBe(1)
  })

  test('tells how long it still takes and what that was made from, and what changed, until it has ended', async () => {
    const { engine, element } = mountProgress('run_1')
    const left = makeRun({
      id: 'run_1',
      estimate: makeEstimate(236),
      progress: {
        percent: 41,
        done: 1,
        total: 14,
        current: null,
        segments: [],
        found: { tasks: 12, at: ago(2), text: '+12 tasks found' },
      },
    })
    await until(() => textOf(element).includes('40 %'))
    engine.publish('run.updated', left)
    await until(() => /~4m left done at .* from 18 successful release runs \+12 tasks found/.test(textOf(element)))
    document.documentElement.lang = 'en'
    expect((await axe.run(element, { resultTypes: ['violations'] })).violations).toEqual([])
    // An event that does not tell of it takes nothing away.
    engine.publish('run.updated', { ...left, estimate: null })
    await element.updateComplete
    expect(textOf(element)).toContain('left')
    engine.publish('run.updated', { ...left, status: 'succeeded', finishedAt: ago(0), estimate: null })
    await until(() => textOf(element).includes('Succeeded'))
    expect(textOf(element)).not.toContain('left')
  })

  test('keeps the fallback of the page until there is something to show', async () => {
    const { element } = mountProgress('run_none')
    await element.updateComplete
    expect(element.textContent).toBe('Loading…')
    expect(element.shadowRoot?.querySelector('slot')?.assignedNodes()).toHaveLength(1)
    await until(() => textOf(element).includes('RUN_NOT_FOUND'))
  })
})
