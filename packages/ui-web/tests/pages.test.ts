import { describe, expect, test } from 'vitest'
import { page, userEvent } from 'vitest/browser'

import { makeClient, makeFlow, makeRun } from './fixture/make.ts'
import { RICH_RUN, richData } from './fixture/rich-data.ts'
import { find, findAll, mount, settle, textOf, until } from './mount.ts'

describe('overview', () => {
  test('says in a sentence what goes on and what failed', async () => {
    const { dashboard } = await mount({ data: richData })
    expect(textOf(dashboard)).toContain('4 runs in progress, 1 retrying, 1 queued.')
    expect(textOf(dashboard)).toContain('8 of the last 94 runs failed. Last: nightly-ingest , 1m ago .')
  })

  test('shows every live run as a card with its progress', async () => {
    const { dashboard } = await mount({ data: richData })
    const cards = findAll(dashboard, '.card')
    expect(cards).toHaveLength(6)
    expect(textOf(cards[0] ?? dashboard)).toContain('nightly-ingest 58 %')
    expect(find(dashboard, '.card [role=progressbar]')?.getAttribute('aria-valuenow')).toBe('58')
    expect(findAll(cards[0] ?? dashboard, '.segment')).toHaveLength(6)
  })

  test('teaches how to make the first flow, and becomes the overview when it arrives', async () => {
    const { dashboard, engine } = await mount()
    expect(textOf(dashboard)).toContain('Waiting for your first flow')
    engine.publish('flow.updated', makeFlow({ name: 'etl' }))
    await until(() => textOf(dashboard).includes('All quiet, nothing is running.'))
  })
})

describe('flows', () => {
  test('says plan, schedule, place and last run of each flow', async () => {
    const { dashboard } = await mount({ data: richData, path: '/flows' })
    const rows = findAll(dashboard, '.flow').map(textOf)
    expect(rows).toHaveLength(8)
    expect(rows.find((row) => row.startsWith('nightly-ingest'))).toMatch(
      /6 tasks · about 3m 57s .* Daily at 02:00 · in 15h Runs in the engine Last run of nightly-ingest : Running 58%/,
    )
    expect(rows.find((row) => row.startsWith('image-embeddings'))).toContain('1 worker online')
    expect(rows.find((row) => row.startsWith('ML Training'))).toContain('No worker online')
  })

  test('narrows by any word and says when nothing is left', async () => {
    const { dashboard } = await mount({ data: richData, path: '/flows' })
    await page.getByPlaceholder('Filter flows').fill('warehouse INGEST')
    await until(() => findAll(dashboard, '.flow').length === 1)
    await page.getByPlaceholder('Filter flows').fill('nothing like that')
    await until(() => textOf(dashboard).includes('No flow matches'))
    await page.getByRole('button', { name: 'Clear the filter' }).click()
    await until(() => findAll(dashboard, '.flow').length === 8)
  })
})

describe('runs', () => {
  test('narrows by status and flow, and keeps both in the address', async () => {
    const { dashboard } = await mount({ data: richData, path: '/runs' })
    await page.getByRole('button', { name: 'Failed', exact: true }).click()
    await until(() => location.hash === '#/runs?status=failed')
    await until(() => findAll(dashboard, '.run').every((row) => textOf(row).startsWith('Failed')))
    await page.getByRole('combobox', { name: 'Flow' }).selectOptions('nightly-ingest')
    await until(() => location.hash === '#/runs?status=failed&flow=nightly-ingest')
    await until(() => findAll(dashboard, '.run').length === 2)
  })

  test('reads further pages on demand', async () => {
    const runs = Array.from({ length: 120 }, (_, index) =>
      makeRun({ id: `run_${String(index).padStart(3, '0')}`, status: 'succeeded' }),
    )
    const { dashboard } = await mount({ data: { runs }, path: '/runs' })
    await until(() => findAll(dashboard, '.run').length === 50)
    await page.getByRole('button', { name: 'Load more' }).click()
    await until(() => findAll(dashboard, '.run').length === 100)
    await page.getByRole('button', { name: 'Load more' }).click()
    await until(() => findAll(dashboard, '.run').length === 120)
    expect(page.getByRole('button', { name: 'Load more' }).query()).toBe(null)
  })

  test('says why a list is empty', async () => {
    const { dashboard } = await mount({ data: { flows: richData.flows ?? [] }, path: '/runs?status=cancelled' })
    await until(() => textOf(dashboard).includes('No run matches these filters.'))
    await page.getByText('Show all runs').click()
    await until(() => textOf(dashboard).includes('No run yet'))
  })
})

describe('run page', () => {
  test('shows progress, tasks as a tree, the end of the log and the input', async () => {
    const { dashboard } = await mount({ data: richData, path: `/runs/${RICH_RUN}` })
    await until(() => findAll(dashboard, '.row .text').length > 5)
    const text = textOf(dashboard)
    expect(text).toContain('nightly-ingest 4f2a9c Running release')
    expect(text).toContain('Tasks 3 of 6')
    expect(text).toContain('line-items chunk 420 → 5 000 rows in 600ms')
    expect(
      findAll(dashboard, '[role=row][aria-level]')
        .map((row) => row.getAttribute('aria-level'))
        .join(''),
    ).toBe('112221122211')
    expect(text).toContain('"chunkSize" : 5000')
    expect(text).toContain('420 lines')
  })

  test('says that a run does not exist, and leads back', async () => {
    const { dashboard } = await mount({ data: richData, path: '/runs/run_none' })
    await until(() => textOf(dashboard).includes('There is no such run'))
    await page.getByText('Show all runs').click()
    await until(() => location.hash === '#/runs')
  })

  test('asks before it cancels', async () => {
    const { engine, dashboard } = await mount({ data: richData, path: `/runs/${RICH_RUN}` })
    await page.getByRole('button', { name: 'Cancel', exact: true }).click()
    expect(engine.commands).toEqual([])
    await page.getByRole('button', { name: 'Cancel run' }).click()
    await until(() => textOf(dashboard).includes('Cancelling'))
    expect(engine.commands).toEqual([{ type: 'cancel', runId: RICH_RUN }])
  })

  test('chooses a task in the timeline and narrows the log to it', async () => {
    const { dashboard } = await mount({ data: richData, path: `/runs/${RICH_RUN}` })
    await until(() => textOf(dashboard).includes('420 lines'))
    find(dashboard, '[data-key="transform#1/orders#1"]')?.click()
    await until(() => textOf(dashboard).includes('This task has written nothing'))
    await page.getByRole('button', { name: 'Show the lines of all tasks' }).click()
    await until(() => textOf(dashboard).includes('420 lines'))
  })

  test('walks the timeline by keyboard', async () => {
    const { dashboard } = await mount({ data: richData, path: `/runs/${RICH_RUN}` })
    await until(() => find(dashboard, '.row[tabindex="0"]') !== null)
    find(dashboard, '.row[tabindex="0"]')?.focus()
    await userEvent.keyboard('{ArrowDown}')
    await until(() => find(dashboard, '.row:focus')?.dataset['key'] === 'download partitions#1')
    await userEvent.keyboard('{ArrowLeft}')
    await until(() => findAll(dashboard, '[role=row][aria-level="2"]').length === 3)
    await userEvent.keyboard('{End}')
    await until(() => find(dashboard, '.row:focus')?.dataset['key'] === 'planned:publish metrics')
  })
})

describe('processes', () => {
  test('starts and stops a declared client and shows what it writes', async () => {
    const { dashboard, engine } = await mount({ data: richData, path: '/processes' })
    const panel = (): string => textOf(find(dashboard, 'section[aria-label="Report builder"]') ?? dashboard)
    await until(() => panel().includes('never started'))
    await page.getByRole('button', { name: 'Start Report builder' }).click()
    await until(() => panel().includes('4242'))
    const line = { seq: 1, at: '2026-11-22T10:42:01.000Z', stream: 'stdout', text: 'hello from python' } as const
    engine.publish('client.log', { id: 'report', lines: [line] })
    await until(() => panel().includes('hello from python'))
    await page.getByRole('button', { name: 'Stop Report builder' }).click()
    await until(() => panel().includes('ended normally'))
    expect(engine.commands).toEqual([
      { type: 'start', id: 'report' },
      { type: 'stop', id: 'report' },
    ])
  })

  test('restarts a running process, and shows what it uses', async () => {
    const { dashboard, engine } = await mount({ data: richData, path: '/processes' })
    const panel = (): string => textOf(find(dashboard, 'section[aria-label="Embedding worker"]') ?? dashboard)
    await until(() => panel().includes('Heartbeat regular'))
    expect(panel()).toMatch(/CPU \d+ %/)
    expect(panel()).toMatch(/Memory 4\d\d MiB/)
    await page.getByRole('button', { name: 'Restart Embedding worker' }).click()
    await until(() => engine.commands.length === 2)
    expect(engine.commands).toMatchObject([{ type: 'stop' }, { type: 'start' }])
  })

  test('says when a process that ended is started again, and starts it at once when asked', async () => {
    const { dashboard } = await mount({ data: richData, path: '/processes' })
    const panel = (): string => textOf(find(dashboard, 'section[aria-label="Feed reader"]') ?? dashboard)
    await until(() => panel().includes('Restarting'))
    expect(panel()).toMatch(/Starts again in \d+s/)
    await page.getByRole('button', { name: 'Start Feed reader' }).click()
    await until(() => panel().includes('Running'))
  })

  test('says how to declare a process when there is none', async () => {
    const { dashboard } = await mount({ path: '/processes' })
    expect(textOf(dashboard)).toContain('No client process is declared')
    expect(textOf(dashboard)).toContain('No worker is connected')
  })

  test('says why a process cannot be started', async () => {
    const { dashboard, engine } = await mount({ data: { clients: [makeClient({ id: 'py' })] }, path: '/processes' })
    engine.clients.clear()
    await page.getByRole('button', { name: 'Start py' }).click()
    await until(() => textOf(dashboard).includes('CLIENT_NOT_FOUND'))
  })
})

describe('keyboard', () => {
  test('goes to pages, filters and triggers with single keys, but not while typing', async () => {
    const { dashboard } = await mount({ data: richData })
    find(dashboard, 'main')?.focus()
    await userEvent.keyboard('gf')
    await until(() => location.hash === '#/flows')
    await until(() => find(dashboard, 'main:focus') !== null)
    await userEvent.keyboard('/')
    await until(() => find(dashboard, 'input:focus') !== null)
    await userEvent.keyboard('t')
    await settle()
    expect(find(dashboard, 'dialog[open]')).toBe(null)
    find(dashboard, 'main')?.focus()
    await userEvent.keyboard('t')
    await until(() => find(dashboard, 'dialog[open]') !== null)
    await userEvent.keyboard('{Escape}')
    await until(() => find(dashboard, 'dialog[open]') === null)
  })
})

describe('embedding', () => {
  test('leaves the address alone with the memory router', async () => {
    const { dashboard } = await mount({ data: richData })
    dashboard.router = 'memory'
    await page.getByRole('link', { name: 'Processes' }).click()
    await until(() => textOf(dashboard).includes('Training worker'))
    expect(location.hash).toBe('#/')
  })

  test('lets the host take navigation over', async () => {
    const { dashboard } = await mount({ data: richData })
    const paths: string[] = []
    dashboard.addEventListener('perfect-navigate', (event) => {
      paths.push((event as CustomEvent<{ path: string }>).detail.path)
      event.preventDefault()
    })
    await page.getByRole('link', { name: 'Flows' }).click()
    expect(paths).toEqual(['/flows'])
    expect(location.hash).toBe('#/')
  })

  test('remembers the theme that the viewer chose', async () => {
    const { dashboard } = await mount({ data: richData })
    await page.getByRole('button', { name: 'Use the dark theme' }).click()
    expect(dashboard.getAttribute('theme')).toBe('dark')
    expect(getComputedStyle(dashboard).colorScheme).toBe('dark')
    const other = document.createElement('perfect-dashboard')
    other.client = dashboard.client
    document.body.append(other)
    expect(other.theme).toBe('dark')
    other.remove()
  })
})
