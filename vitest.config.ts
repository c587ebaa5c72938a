import { playwright } from '@vitest/browser-playwright'
import { defineConfig, type ViteUserConfig } from 'vitest/config'

import { chromium } from './scripts/chromium.ts'

const source = '@perfect/source'
const node = { ssr: { resolve: { conditions: [source, 'module', 'node', 'development|production'] } } }
const include = ['test/**/*.test.ts']

const config: ViteUserConfig = defineConfig({
  test: {
    projects: [
      { ...node, test: { name: 'core', root: 'packages/core', include } },
      { ...node, test: { name: 'http', root: 'packages/http', include } },
      { ...node, test: { name: 'postgres', root: 'packages/postgres', include, globalSetup: 'test/server.ts' } },
      {
        root: 'packages/ui-web',
        resolve: { conditions: [source, 'module', 'browser', 'production'] },
        optimizeDeps: { include: ['axe-core', 'lit'] },
        test: {
          name: 'ui-web',
          include,
          benchmark: { include: [] },
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions: await chromium() }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
    reporters: ['default', './scripts/plain-reporter.ts'],
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**'],
      reporter: ['text', 'html', 'json-summary'],
      thresholds: { lines: 80 },
    },
  },
})

export default config
