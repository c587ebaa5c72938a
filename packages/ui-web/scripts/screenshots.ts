// Takes a picture of every page, theme and width into .shots/, and fails on any message in the console.
// Run it with `pnpm --filter @perfect/ui-web shots` after a build; name parts of the pictures to take only those.
import { mkdirSync } from 'node:fs'

import { chromium as playwright, type Page } from 'playwright-core'

import { chromium } from '../../../scripts/chromium.ts'
import { FixtureEngine } from '../tests/fixture/fixture-engine.ts'
import { startFixtureServer } from '../tests/fixture/fixture-server.ts'
import { FAILED_RUN, RICH_RUN, richData } from '../tests/fixture/rich-data.ts'

const pages: Readonly<Record<string, readonly [path: string, prepare?: (page: Page) => Promise<unknown>]>> = {
  overview: ['/'],
  flows: ['/flows'],
  runs: ['/runs'],
  run: [`/runs/${RICH_RUN}`],
  'run-logs': [`/runs/${RICH_RUN}`, async (page) => tab(page, 'Logs')],
  'run-details': [`/runs/${RICH_RUN}`, async (page) => tab(page, 'Details')],
  'run-failed': [`/runs/${FAILED_RUN}`],
  processes: ['/processes'],
  dialog: ['/flows', async (page) => page.getByRole('button', { name: 'Run nightly-ingest' }).click()],
  cancel: [`/runs/${RICH_RUN}`, async (page) => page.getByRole('button', { name: 'Cancel' }).first().click()],
  missing: ['/runs/run_none'],
  welcome: ['/'],
}
const sizes = { wide: [1440, 900], middle: [820, 1000], phone: [390, 844] } as const

async function tab(page: Page, name: string): Promise<void> {
  const button = page.getByRole('tab', { name })
  if (await button.isVisible()) await button.click()
}

const wanted = process.argv.slice(2)
const directory = new URL('../.shots/', import.meta.url)
mkdirSync(directory, { recursive: true })
const rich = await startFixtureServer(new FixtureEngine(richData))
const bare = await startFixtureServer(new FixtureEngine())
const options = await chromium()
// The browser that npm brings has fonts of its own; with FONTS=system the pictures show what this machine has.
const env = process.env['FONTS'] === 'system' ? { ...options.env, FONTCONFIG_PATH: '/etc/fonts' } : options.env
const browser = await playwright.launch({ ...options, ...(env === undefined ? {} : { env }) })
const problems: string[] = []
for (const [size, [width, height]] of Object.entries(sizes))
  for (const colorScheme of ['light', 'dark'] as const) {
    const context = await browser.newContext({
      viewport: { width, height },
      deviceScaleFactor: size === 'phone' ? 2 : 1,
      colorScheme,
    })
    for (const [name, [path, prepare]] of Object.entries(pages)) {
      const file = `${name}-${size}-${colorScheme}`
      if (wanted.length > 0 && !wanted.some((part) => file.includes(part))) continue
      const page = await context.newPage()
      page.on('console', (message) => name !== 'missing' && problems.push(`${file}: ${message.text()}`))
      page.on('pageerror', (error) => problems.push(`${file}: ${error.message}`))
      await page.goto(`${name === 'welcome' ? bare.url : rich.url}/#${path}`)
      await page.getByText('Live', { exact: true }).first().waitFor({ state: 'attached' })
      await page.waitForTimeout(250)
      await prepare?.(page)
      await page.waitForTimeout(450)
      await page.screenshot({ path: new URL(`${file}.png`, directory).pathname })
      const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth')
      if (Number(overflow) > 0) problems.push(`${file}: ${String(overflow)} px too wide`)
      await page.close()
    }
    await context.close()
  }
await browser.close()
rich.server.close()
bare.server.close()
for (const { server } of [rich, bare]) server.closeAllConnections()
process.stdout.write(problems.length === 0 ? 'No problem.\n' : `${problems.join('\n')}\n`)
process.exitCode = problems.length === 0 ? 0 : 1
