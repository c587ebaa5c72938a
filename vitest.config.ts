import { fileURLToPath } from 'node:url'

import { playwright } from '@vitest/browser-playwright'
import { defineConfig, type ViteUserConfig } from 'vitest/config'

import { chromium } from './scripts/chromium.ts'

// Storages start their threads from TypeScript here. With a cache Node strips the types once, and not in each of some thousand threads:
// that takes twice the time, and its WebAssembly ends a process by a signal now and then.
process.env['NODE_COMPILE_CACHE'] ??= fileURLToPath(new URL('node_modules/.cache/node-compile', import.meta.url))

// Tests run on the sources: no build comes before them.
const source = '@perfect/source'
// As Node itself resolves: what packages offer to bundlers as `module`, Node cannot always load.
const node = { ssr: { resolve: { conditions: [source, 'node', 'development|production'] } } }
const include = ['src/**/*.test.ts', 'tests/**/*.test.ts']
const globalSetup = '../scripts/build-dashboard.ts'
// Real processes and files on a busy machine take their time; a test that hangs is found all the same.
const timeouts = { testTimeout: 30_000, hookTimeout: 30_000 }
// A test of the browser package that must run in Node says so in its name.
const nodeOnly = ['src/**/*.node.test.ts', 'tests/**/*.node.test.ts']

const config: ViteUserConfig = defineConfig({
  test: {
    projects: [
      { ...node, test: { name: 'core', root: 'packages/core', include, ...timeouts } },
      { ...node, test: { name: 'http', root: 'packages/http', include, ...timeouts } },
      { ...node, test: { name: 'ui-web-node', root: 'packages/ui-web', include: nodeOnly } },
      {
        root: 'packages/ui-web',
        resolve: { conditions: [source, 'module', 'browser', 'production'] },
        optimizeDeps: {
          include: [
            'axe-core',
            'fast-check',
            'lit',
            'lit/directive.js',
            'lit/directives/live.js',
            'lit/directives/repeat.js',
          ],
        },
        test: {
          name: 'ui-web',
          include,
          exclude: nodeOnly,
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
      {
        ...node,
        test: { name: 'examples', root: 'examples', include: ['*/tests/**/*.test.ts'], globalSetup, ...timeouts },
      },
      {
        ...node,
        test: { name: 'scripts', root: 'scripts', include: ['tests/**/*.test.ts'], globalSetup, ...timeouts },
      },
      { ...node, test: { name: 'protocol', root: 'protocol', include, ...timeouts } },
      { ...node, test: { name: 'benchmarks', root: 'benchmarks', include } },
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
