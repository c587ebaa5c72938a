import { describe, expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'

import type { DashboardClient } from '../src/index.ts'
import { ago, makeFlow, makeLine, makeRun, makeSegments, makeTask, makeWorker } from './fixture/make.ts'
import { RICH_RUN, richData } from './fixture/rich-data.ts'
import { find, findAll, mount, settle, textOf, until } from './mount.ts'

const progress = (percent: number) => ({
  percent,
  done: 0,
  total: 2,
  current: 'load',
  found: null,
  segments: makeSegments([
    ['load', 3, percent / 100],
    ['report', 1, 0],
  ]),
})

describe('live events', () => {
  test('change progress in place and never let it fall', async () => {
    const { dashboard, engine } = await mount({ data: { runs: [makeRun({ id: 'run_1', progress: progress(40) })] } })
    const card = find(dashboard, '.card')
    const shown: number[] = []
    const watch = new MutationObserver(() =>
      shown.push(Number(find(dashboard, '.card .percent')?.firstChild?.textContent)),
    )
    if (card !== null) watch.observe(card, { subtree: true, childList: true, characterData: true, attributes: true })
    for (const percent of [55, 20, 60, 59.9, 80]) {
      engine.publish('run.updated', makeRun({ id: 'run_1', progress: progress(percent) }))
      await settle()
    }
    await until(() => textOf(card ?? dashboard).includes('80 %'))
    watch.disconnect()
    expect(shown).toEqual(shown.toSorted((a, b) => a - b))
    expect(find(dashboard, '.card')).toBe(card)
  })

  test('say 100 only when the run has succeeded', async () => {
    const { dashboard, engine } = await mount({
      data: { runs: [makeRun({ id: 'run_1', progress: progress(99.9) })] },
      path: '/runs/run_1',
    })
    await until(() => textOf(dashboard).includes('99 %'))
    engine.publish(
      'run.updated',
      makeRun({ id: 'run_1', status: 'succeeded', finishedAt: ago(0), progress: progress(100) }),
    )
    await until(() => textOf(dashboard).includes('100 %') && textOf(dashboard).includes('Succeeded'))
    expect(find(dashboard, '[role=status].hidden-text')?.textContent).toBe('etl: succeeded')
    expect(textOf(dashboard)).toContain('Run again')
  })

  test('bring the result of a run that ends while it is open', async () => {
    const results: Record<string, unknown> = {}
    const { dashboard, engine } = await mount({
      data: { runs: [makeRun({ id: 'run_1' })], results },
      path: '/runs/run_1',
    })
    await until(() => textOf(dashboard).includes('Cancel'))
    results['run_1'] = { rows: 48 }
    engine.publish('run.updated', makeRun({ id: 'run_1', status: 'succeeded', finishedAt: ago(0) }))
    await until(() => textOf(dashboard).includes('"rows" : 48'))
  })

  test('count the workers of a flow as they come and go', async () => {
    const flow = makeFlow({ name: 'train', runsOn: 'worker' })
    const { dashboard, engine } = await mount({ data: { flows: [flow] }, path: '/flows' })
    await until(() => textOf(dashboard).includes('No worker online'))
    engine.publish('worker.updated', makeWorker({ id: 'wrk_1', flows: ['train'] }))
    await until(() => textOf(dashboard).includes('1 worker online'))
    engine.publish('worker.updated', makeWorker({ id: 'wrk_1', flows: ['train'], status: 'offline' }))
    await until(() => textOf(dashboard).includes('No worker online'))
  })

  test('add tasks and log lines to an open run, each line once', async () => {
    const { dashboard, engine } = await mount({ data: { runs: [makeRun({ id: 'run_1' })] }, path: '/runs/run_1' })
    await until(() => textOf(dashboard).includes('No task yet'))
    engine.publish('task.updated', {
      runId: 'run_1',
      flowId: 'etl',
      task: makeTask({ key: 'extract#1', status: 'running', finishedAt: null }),
    })
    await until(() => find(dashboard, '[data-key="extract#1"]') !== null)
    engine.publish('log.appended', {
      runId: 'run_1',
      flowId: 'etl',
      lines: [makeLine({ seq: 1 }), makeLine({ seq: 2 })],
    })
    await until(() => textOf(dashboard).includes('2 lines'))
    engine.publish('log.appended', { runId: 'run_1', flowId: 'etl', lines: [makeLine({ seq: 3, message: 'third' })] })
    await until(() => textOf(dashboard).includes('third'))
    expect(findAll(dashboard, '.row .text').filter((row) => row.closest('[hidden]') === null)).toHaveLength(3)
  })

  test('fold a burst into frames', async () => {
    const { dashboard, engine } = await mount({ data: { runs: [makeRun({ id: 'run_1' })] } })
    let renders = 0
    const bar = find(dashboard, '.card [role=progressbar]')
    const watch = new MutationObserver((records) => {
      renders += records.length
    })
    if (bar !== null) watch.observe(bar, { attributes: true, attributeFilter: ['aria-valuenow'] })
    for (let percent = 1; percent <= 90; percent += 0.1)
      engine.publish('run.updated', makeRun({ id: 'run_1', progress: progress(percent) }))
    await until(() => textOf(dashboard).includes('89 %') || textOf(dashboard).includes('90 %'))
    watch.disconnect()
    expect(renders).toBeLessThan(10)
  })
})

describe('stability', () => {
  const runs = Array.from({ length: 30 }, (_, index) =>
    makeRun({
      id: `run_${String(index).padStart(2, '0')}`,
      status: 'succeeded',
      createdAt: ago(1000 - index),
      finishedAt: ago(10),
    }),
  )

  test('never moves the row under the pointer', async () => {
    const { dashboard, engine } = await mount({ data: { runs }, path: '/runs' })
    const row = findAll(dashboard, '.run')[5]
    if (row === undefined) throw new Error('no row')
    await userEvent.hover(row)
    const top = row.getBoundingClientRect().top
    for (let index = 0; index < 50; index++) {
      engine.publish('run.updated', makeRun({ id: `run_new${String(index)}`, createdAt: ago(0) }))
      if (index % 10 === 0) await settle()
    }
    await until(() => textOf(dashboard).includes('50 new'))
    expect(row.isConnected).toBe(true)
    expect(row.getBoundingClientRect().top).toBe(top)
    await userEvent.hover(page.getByRole('link', { name: 'Overview' }))
    await until(() => findAll(dashboard, '.run').length === 80)
  })

  test('shows what waits when it is asked to', async () => {
    const { dashboard, engine } = await mount({ data: { runs }, path: '/runs' })
    const row = findAll(dashboard, '.run')[5]
    if (row === undefined) throw new Error('no row')
    await userEvent.hover(row)
    engine.publish('run.updated', makeRun({ id: 'run_zz', createdAt: ago(0) }))
    await until(() => textOf(dashboard).includes('1 new'))
    await page.getByRole('button', { name: '1 new' }).click()
    await until(() => findAll(dashboard, '.run').length === 31)
  })
})

describe('connection', () => {
  test('says within three seconds that the page is stale, and comes back without losing anything', async () => {
    const { dashboard, engine, client } = await mount({ data: richData, path: `/runs/${RICH_RUN}` })
    await until(() => textOf(dashboard).includes('420 lines'))
    client.isDown = true
    client.cut()
    const start = performance.now()
    await until(() => /Reconnecting… As of \d\d:\d\d:\d\d/.test(textOf(dashboard)))
    expect(performance.now() - start).toBeLessThan(3000)
    const lines = [421, 422].map((seq) => makeLine({ seq, message: `while away ${String(seq)}` }))
    engine.publish('log.appended', { runId: RICH_RUN, flowId: 'etl', lines })
    client.isDown = false
    await page.getByRole('button', { name: /Reconnecting/ }).click()
    await until(() => textOf(dashboard).includes('422 lines') && textOf(dashboard).includes('while away 422'))
    expect(find(dashboard, '.live-on')).not.toBe(null)
  })

  test('reads everything anew when the engine has forgotten the place', async () => {
    const { dashboard, engine, client } = await mount({ data: { runs: [makeRun({ id: 'run_1', flowName: 'gone' })] } })
    engine.runs.clear()
    engine.runs.set('run_2', makeRun({ id: 'run_2', flowName: 'after-restart' }))
    client.isForgetful = true
    client.cut()
    await until(() => textOf(dashboard).includes('after-restart'))
    expect(textOf(dashboard)).not.toContain('gone')
  })

  test('shows why a part could not be read, and reads it again on demand', async () => {
    const { dashboard, client } = await mount({ data: richData })
    const other = document.createElement('perfect-dashboard')
    const down: DashboardClient = Object.create(client) as DashboardClient
    down.getFlows = async () => Promise.reject(new Error('no storage'))
    other.client = down
    dashboard.replaceWith(other)
    location.hash = '/flows'
    await until(() => textOf(other).includes('Flows could not be loaded. no storage'))
    down.getFlows = () => client.getFlows()
    await page.getByRole('button', { name: 'Try again' }).click()
    await until(() => findAll(other, '.flow').length === 8)
    other.remove()
  })

  test('asks the host to sign in when the API answers 401', async () => {
    const element = document.createElement('perfect-dashboard')
    let asked = 0
    element.addEventListener('perfect-auth-required', () => asked++)
    element.src = '/nowhere'
    const answer = globalThis.fetch
    globalThis.fetch = async () => Promise.resolve(new Response('{}', { status: 401 }))
    document.body.append(element)
    await until(() => asked > 0)
    globalThis.fetch = answer
    element.remove()
  })
})
