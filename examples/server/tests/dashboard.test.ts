import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

import { chromium as playwright, type Browser, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { chromium } from '../../../scripts/chromium.ts'
import { ServerProcess } from './server-process.ts'

const AXE = createRequire(import.meta.url).resolve('axe-core')
const SHOTS = fileURLToPath(new URL('../../../.shots/', import.meta.url))
const PATIENCE = { timeout: 30_000 }

let server: ServerProcess
let browser: Browser

beforeAll(async () => {
  server = await ServerProcess.create()
  browser = await playwright.launch(await chromium())
  mkdirSync(SHOTS, { recursive: true })
}, 60_000)
afterAll(async () => {
  await browser.close()
  await server.dispose()
})

/** What the page complained about: errors, and violations of its content security policy. */
function complaintsOf(page: Page): string[] {
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  return complaints
}

/** Rules of axe that the page breaks. The page's policy lets no script in, so axe comes past it. */
async function violations(page: Page): Promise<string[]> {
  const context = await browser.newContext({
    bypassCSP: true,
    reducedMotion: 'reduce',
    colorScheme: 'light',
    viewport: page.viewportSize(),
  })
  const probe = await context.newPage()
  await probe.goto(page.url())
  await probe.getByRole('heading').first().waitFor(PATIENCE)
  // While flows are being loaded the button is disabled, and pale.
  await expect.poll(() => probe.locator('button[aria-keyshortcuts=t]:disabled').count()).toBe(0)
  await probe.addScriptTag({ path: AXE })
  const found = await probe.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> }
    }
    return (await axe.run()).violations.map(
      ({ id, nodes }) =>
        `${id}: ${nodes
          .map(({ html }) => html)
          .join(' ')
          .slice(0, 300)}`,
    )
  })
  await context.close()
  return found
}

describe('the dashboard of the example server', () => {
  it('triggers the ETL in debug, shows its progress up to 100 % and its log lines', async () => {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    const complaints = complaintsOf(page)
    await page.goto(`${server.url}/#/flows`)
    const row = page.getByRole('listitem').filter({ hasText: 'Weather ETL' })
    await row.getByRole('button', { name: /run/i }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('debug', { exact: true }).click()
    await dialog.getByRole('button', { name: /^run/i }).click()
    await page.getByText('100').first().waitFor(PATIENCE)
    await page.getByText('the wettest month was 2015-12').first().waitFor(PATIENCE)
    await page.screenshot({ path: `${SHOTS}e2e-run.png` })
    const { items } = await server.get<{ items: { configuration: string; flowId: string; status: string }[] }>(
      '/engine/runs',
    )
    expect(items.find(({ flowId }) => flowId === 'weather-etl')).toMatchObject({
      configuration: 'debug',
      status: 'succeeded',
    })
    expect(await violations(page)).toEqual([])
    expect(complaints).toEqual([])
    await page.close()
  }, 90_000)

  it('starts the Python client, shows its output and stops it', async () => {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    await page.goto(`${server.url}/#/processes`)
    await page.getByRole('button', { name: /start/i }).first().click()
    await page.getByText('Running').first().waitFor(PATIENCE)
    await page
      .getByText(/started .*python3/)
      .first()
      .waitFor(PATIENCE)
    await page.screenshot({ path: `${SHOTS}e2e-processes.png` })
    expect(await violations(page)).toEqual([])
    await page.getByRole('button', { name: /stop/i }).first().click()
    await page.getByText('Stopped').first().waitFor(PATIENCE)
    await page.close()
  }, 90_000)

  it.each(['', '#/flows', '#/runs', '#/processes'])(
    'has no accessibility fault on a phone at "/%s"',
    async (path) => {
      const page = await browser.newPage({ viewport: { width: 390, height: 844 } })
      await page.goto(`${server.url}/${path}`)
      await page.getByRole('heading').first().waitFor(PATIENCE)
      expect(await violations(page)).toEqual([])
      const width = await page.evaluate(() => document.documentElement.scrollWidth)
      expect(width).toBeLessThanOrEqual(390)
      await page.close()
    },
    60_000,
  )
})
