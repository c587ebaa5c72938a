import type { ClientView, Page as ListPage, RunDetailView, RunView } from '@perfect/core'
import { chromium as playwright, type Browser, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { chromium } from '../../../scripts/chromium.ts'
import { ServerProcess } from './server-process.ts'

const PATIENCE = { timeout: 40_000, interval: 50 }
const FLOWS = ['ETL Pipeline', 'Model Training', 'Machine Monitoring']

let server: ServerProcess
let browser: Browser
let page: Page

beforeAll(async () => {
  server = await ServerProcess.create({ PERFECT_EXAMPLE_PACE: '0.4' })
  browser = await playwright.launch(await chromium())
  page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
}, 60_000)
afterAll(async () => {
  await browser.close()
  await server.dispose()
})

/** Presses a button of the client on its page, once it is there. */
async function press(name: RegExp): Promise<void> {
  await page.goto(`${server.url}/#/processes`)
  await page.getByRole('button', { name }).first().click(PATIENCE)
}

/** Starts a run by the button and the dialog of the dashboard; gives its id, which is in the address then. */
async function startRun(flow: string): Promise<string> {
  await page.goto(`${server.url}/#/flows`)
  const row = page.getByRole('listitem').filter({ hasText: flow })
  await row.getByRole('button', { name: /run/i }).click(PATIENCE)
  await page.getByRole('dialog').getByRole('button', { name: /^run/i }).click()
  await page.waitForURL(/#\/runs\/run_/u)
  return /run_\w+/u.exec(page.url())?.[0] ?? ''
}

async function client(): Promise<ClientView | undefined> {
  return (await server.get<ListPage<ClientView>>('/client/status')).items[0]
}

/** Keys of the recorded tasks with the time at which each has ended. */
async function recorded(runId: string): Promise<ReadonlyMap<string, string | null>> {
  const { tasks } = await server.get<RunDetailView>(`/engine/runs/${runId}`)
  return new Map(tasks.flatMap(({ key, finishedAt }) => (finishedAt === null ? [] : [[key, finishedAt]])))
}

describe('the Python flows of the example server', () => {
  it('are started from the dashboard, and go on after their process was killed and started again', async () => {
    await press(/^start/iu)
    const ids: string[] = []
    for (const flow of FLOWS) ids.push(await startRun(flow))
    for (const id of ids) await expect.poll(async () => (await recorded(id)).size, PATIENCE).toBeGreaterThan(0)
    const pid = (await client())?.pid ?? 0
    process.kill(pid, 'SIGKILL')
    await expect.poll(async () => (await client())?.pid, PATIENCE).not.toBe(pid)
    const before = await Promise.all(ids.map(recorded))
    // It starts again by itself after a while; nobody has to wait for that.
    await press(/^start/iu)
    for (const [index, id] of ids.entries()) {
      await page.goto(`${server.url}/#/runs/${id}`)
      const look = async (): Promise<RunView> => (await server.get<RunDetailView>(`/engine/runs/${id}`)).run
      await expect.poll(async () => (await look()).status, PATIENCE).toBe('succeeded')
      expect(await look()).toMatchObject({ epoch: 2, progress: { percent: 100 } })
      await page.getByText('100', { exact: false }).first().waitFor(PATIENCE)
      const after = await recorded(id)
      expect([...(before[index] ?? [])].filter(([key, finishedAt]) => after.get(key) !== finishedAt)).toEqual([])
    }
  }, 120_000)
})
