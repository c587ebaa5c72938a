import { approval, flow, map, sleep, step, type RunView } from '@perfect/core'
import { describe, expect, it } from 'vitest'

import { testEngine, type TestEngine } from '../../src/testing/test-engine/test-engine.ts'

/** Flows whose tasks take virtual time. */
async function startEngine(
  options: { readonly pace?: () => number; readonly size?: () => number } = {},
): Promise<TestEngine> {
  const { pace = () => 1, size = () => 4 } = options
  const pass = (ms: number): Promise<void> => new Promise((resolve) => test.clock.setTimer(ms * pace(), resolve))
  const etl = flow('etl', async () => {
    await step('extract', () => pass(60_000))
    await step('load', () => pass(240_000))
  })
  const declared = flow(
    'declared',
    {
      plan: [
        { name: 'a', estimatedTime: '1m' },
        { name: 'b', estimatedTime: '3m' },
      ],
    },
    async () => {
      await step('a', () => pass(60_000))
      await step('b', () => pass(180_000))
    },
  )
  const one = flow('one at a time', { concurrency: 1 }, () => step('work', () => pass(120_000)))
  const people = flow('people', async () => {
    await step('before', () => pass(60_000))
    await approval('publish')
    await step('after', () => pass(60_000))
  })
  const naps = flow('naps', async () => {
    await step('before', () => pass(1000))
    await sleep('1h')
    await step('after', () => pass(1000))
  })
  const pages = flow('pages', () => map('pages', Array.from({ length: 12 }), () => step('page', () => pass(1000))))
  const sized = flow('sized', async () => {
    await map('files', Array.from({ length: size() }), () => step('file', () => pass(10_000)), { concurrency: 2 })
    await step('join', () => pass(5000))
  })
  const short = flow('short', () => step('work', () => pass(400)))
  const flows = [etl, declared, one, people, naps, pages, sized, short]
  const test = await testEngine({ flows, patienceMs: 1, verifyReplays: false })
  return test
}

async function runTimes(test: TestEngine, name: string, times: number): Promise<void> {
  for (let run = 0; run < times; run++) {
    await test.engine.triggerFlow(name)
    await test.advance('2h')
  }
}

async function after(test: TestEngine, name: string, time: string): Promise<RunView> {
  const { id } = await test.engine.triggerFlow(name)
  await test.advance(time as '1m')
  return test.engine.getRun(id)
}

describe('the estimate of a run', () => {
  it('says that there is none yet, instead of guessing', async () => {
    await using test = await startEngine()
    expect((await after(test, 'etl', '1m')).estimate).toMatchObject({
      state: 'none',
      remainingMs: null,
      fraction: null,
    })
  })

  it('is rough on the first run of a flow that declares times', async () => {
    await using test = await startEngine()
    const { estimate } = await after(test, 'declared', '1m')
    expect(estimate).toMatchObject({ state: 'first-run', basis: 'from declared times' })
    expect(Math.abs((estimate?.remainingMs ?? 0) - 180_000)).toBeLessThan(45_000)
    expect(estimate?.sentence).toMatch(/^first run, rough: about (2|2\.5|3|3\.5) min left/)
  })

  it('tells from past runs how long it takes, with an interval and what it was made from', async () => {
    await using test = await startEngine()
    await runTimes(test, 'etl', 3)
    const { estimate, progress } = await after(test, 'etl', '100s')
    expect(estimate).toMatchObject({ state: 'ok', basis: 'from 3 successful development runs' })
    expect(estimate?.remainingMs).toBeCloseTo(200_000, -4)
    expect(Date.parse(estimate?.finishAt ?? '') - test.clock.now()).toBe(estimate?.remainingMs)
    const [early = 0, finish = 0, late = 0] = [estimate?.early, estimate?.finishAt, estimate?.late].map((at) =>
      Date.parse(at ?? ''),
    )
    expect(early).toBeLessThanOrEqual(finish)
    expect(finish).toBeLessThanOrEqual(late)
    expect(progress.percent).toBeCloseTo(33.3, 0)
  })

  it('is gone when the run has ended', async () => {
    await using test = await startEngine()
    expect((await after(test, 'etl', '10m')).estimate).toBeNull()
  })

  it('says slow when a run takes longer than others did, and stalled when one task takes several times as long', async () => {
    let pace = 1
    await using test = await startEngine({ pace: () => pace })
    await runTimes(test, 'etl', 3)
    pace = 20
    const { id } = await test.engine.triggerFlow('etl')
    const states: (string | undefined)[] = []
    for (const time of ['30s', '1m', '5m', '5m'] as const) {
      await test.advance(time)
      await test.engine.getRun(id)
      await test.advance('2s')
      states.push((await test.engine.getRun(id)).estimate?.state)
    }
    expect(states).toEqual(['ok', 'ok', 'stalled', 'stalled'])
    await test.engine.cancelRun(id)
    await test.advance('1h')
  })

  it('counts the items that a map has announced, and not only those that have started', async () => {
    let size = 4
    await using test = await startEngine({ size: () => size })
    await runTimes(test, 'sized', 4)
    size = 100
    const { estimate } = await after(test, 'sized', '15s')
    // 100 items, two at once, ten seconds each, and five seconds at the end: the runs before took half a minute.
    expect(Math.abs((estimate?.remainingMs ?? 0) - 490_000)).toBeLessThan(60_000)
  })

  it('does not count the time in which it waits for people, and says for what it waits', async () => {
    await using test = await startEngine()
    const { id } = await test.engine.triggerFlow('people')
    await test.advance('10h')
    await test.engine.approve(id, 'publish', { approved: true })
    await test.advance('2m')
    const waiting = await after(test, 'people', '5h')
    expect(waiting.estimate).toMatchObject({ state: 'waiting', finishAt: null })
    expect(waiting.estimate?.remainingMs).toBeCloseTo(60_000, -4)
    expect(waiting.estimate?.sentence).toBe('waits for the approval "publish"; about 1 min of work after it')
    await test.engine.approve(waiting.id, 'publish', { approved: true })
    await test.advance('1h')
  })

  it('knows when a sleep ends', async () => {
    await using test = await startEngine()
    await runTimes(test, 'naps', 2)
    const { estimate } = await after(test, 'naps', '1801s')
    expect(estimate?.remainingMs).toBeGreaterThanOrEqual(1_800_000)
    expect(estimate?.remainingMs).toBeLessThan(1_900_000)
    await test.advance('1h')
  })

  it('tells a run in line when it starts and how many are before it', async () => {
    await using test = await startEngine()
    await runTimes(test, 'one at a time', 1)
    const runs = []
    for (let n = 0; n < 3; n++) runs.push(await test.engine.triggerFlow('one at a time'))
    await test.advance('30s')
    const last = await test.engine.getRun(runs[2]?.id ?? '')
    expect(last).toMatchObject({ status: 'queued', estimate: { state: 'queued', ahead: 1 } })
    expect(last.estimate?.startsInMs).toBeCloseTo(210_000, -4)
    expect(last.estimate?.sentence).toMatch(/^starts in about 3.5 min, 1 ahead$/)
    await test.advance('1h')
  })

  it('comes with run.progress(), also while nothing else happens', async () => {
    await using test = await startEngine()
    await runTimes(test, 'etl', 1)
    const run = await test.engine.triggerFlow('etl')
    const seen: (number | null | undefined)[] = []
    const watching = (async () => {
      for await (const { estimate } of run.progress()) seen.push(estimate?.fraction)
    })()
    await test.advance('10m')
    await watching
    expect(seen.length).toBeGreaterThan(50)
    const fractions = seen.filter((fraction) => typeof fraction === 'number')
    expect(fractions).toEqual(fractions.toSorted((left, right) => left - right))
  })

  it('is made only when somebody looks, and at most once a second', async () => {
    await using test = await startEngine()
    await runTimes(test, 'etl', 1)
    const { id } = await test.engine.triggerFlow('etl')
    await test.advance('1m')
    const first = (await test.engine.getRun(id)).estimate
    await test.advance('500ms')
    expect((await test.engine.getRun(id)).estimate).toEqual(first)
    await test.advance('500ms')
    expect((await test.engine.getRun(id)).estimate).not.toEqual(first)
    await test.advance('1h')
  })
})

describe('the estimate of a run that usually takes less than a second', () => {
  it('comes with its events only when it takes longer, and to whoever asks for it at any time', async () => {
    let slower = 1
    await using test = await startEngine({ pace: () => slower })
    await runTimes(test, 'short', 3)
    slower = 10
    const told: boolean[] = []
    test.engine.on('run.updated', ({ status, estimate }) => {
      if (status === 'running') told.push(estimate !== null)
    })
    const { id } = await test.engine.triggerFlow('short')
    await test.advance('3s')
    expect([told[0], told.at(-1)]).toEqual([false, true])
    await test.advance('1h')
    const other = await test.engine.triggerFlow('short')
    await test.advance('200ms')
    expect((await test.engine.getRun(other.id)).estimate?.remainingMs).toBeGreaterThan(0)
    expect((await test.engine.getRun(id)).status).toBe('succeeded')
    await test.advance('1h')
  })
})

describe('work that is found on the way', () => {
  it('is told', async () => {
    await using test = await startEngine()
    const { progress } = await after(test, 'pages', '500ms')
    expect(progress.found).toMatchObject({ tasks: 12, text: '+12 tasks found' })
  })
})
