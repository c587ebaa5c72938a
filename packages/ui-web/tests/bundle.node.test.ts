import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, gzipSync } from 'node:zlib'

import { chromium as playwright } from 'playwright-core'
import { build } from 'tsup'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { chromium } from '../../../scripts/chromium.ts'
import config from '../tsup.config.ts'
import { FixtureEngine } from './fixture/fixture-engine.ts'
import { startFixtureServer } from './fixture/fixture-server.ts'
import { RICH_RUN, richData } from './fixture/rich-data.ts'

const directory = mkdtempSync(join(tmpdir(), 'perfect-ui-'))
const file = join(directory, 'perfect-ui.bundle.js')

beforeAll(async () => {
  const bundle = config.find(({ noExternal }) => noExternal !== undefined)
  const entry = { 'perfect-ui.bundle': fileURLToPath(new URL('../src/index.ts', import.meta.url)) }
  await build({ ...bundle, entry, config: false, outDir: directory, sourcemap: false })
}, 60_000)

afterAll(() => {
  rmSync(directory, { recursive: true, force: true })
})

describe('the single file', () => {
  test('is at most 60 kB compressed', () => {
    const code = readFileSync(file)
    expect(brotliCompressSync(code).length).toBeLessThan(60_000)
    expect(gzipSync(code, { level: 9 }).length).toBeLessThan(60_000)
  })

  test('runs over HTTP under the documented policy without a message in the console', async () => {
    const { url, server } = await startFixtureServer(new FixtureEngine(richData), file)
    const browser = await playwright.launch(await chromium())
    try {
      const page = await browser.newPage()
      const messages: string[] = []
      page.on('console', (message) => messages.push(message.text()))
      page.on('pageerror', (error) => messages.push(error.message))
      const foreign: string[] = []
      page.on('request', (request) => {
        if (!request.url().startsWith(url)) foreign.push(request.url())
      })
      for (const [path, text] of [
        ['/', 'Recent runs'],
        ['/flows', 'image-embeddings'],
        ['/runs', 'Succeeded'],
        [`/runs/${RICH_RUN}`, '420 lines'],
        ['/processes', 'Training worker'],
      ] as const) {
        await page.goto(`${url}/#${path}`)
        await page.getByText(text).first().waitFor()
      }
      await page.goto(`${url}/#/flows`)
      await page.getByRole('button', { name: 'Run sync-crm' }).click()
      await page.getByRole('button', { name: 'Run', exact: true }).click()
      await page.getByText('planned, about').first().waitFor()
      expect(messages).toEqual([])
      expect(foreign).toEqual([])
    } finally {
      await browser.close()
      server.closeAllConnections()
      server.close()
    }
  }, 60_000)
})

describe('@perfect/ui-web on a server', () => {
  test('can be imported where there is no page, and registers nothing', async () => {
    const { PerfectDashboard, createHttpClient } = await import('../src/index.ts')
    expect(typeof PerfectDashboard).toBe('function')
    expect(typeof createHttpClient).toBe('function')
    expect('document' in globalThis).toBe(false)
  })
})
