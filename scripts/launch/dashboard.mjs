// @ts-check
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { root } from './root.mjs'
import { contentOf, isDone, markDone, markUndone } from './stamp.mjs'

const STAMP = 'dashboard'
const PACKAGE = 'packages/ui-web'
const BUNDLE = `${PACKAGE}/dist/perfect-ui.bundle.js`
// All that can change the bundle, the version of what it bundles included.
const SOURCES = ['src', 'package.json', 'tsup.config.ts'].map((name) => `${PACKAGE}/${name}`)

/**
 * Builds the one thing a browser cannot take from source, the dashboard's bundle, unless it is newer than its sources.
 *
 * @param {string} node path of the Node to build with
 * @returns {string} what it did
 */
export function buildDashboard(node) {
  const content = contentOf([...SOURCES, 'tsup.base.ts', 'pnpm-lock.yaml'])
  if (existsSync(join(root, BUNDLE)) && isDone(STAMP, content)) return 'up to date'
  markUndone(STAMP)
  const tsup = join(root, 'node_modules', 'tsup', 'dist', 'cli-default.js')
  const result = spawnSync(node, [tsup, '--no-dts'], { cwd: join(root, PACKAGE), encoding: 'utf8' })
  if (result.status !== 0) throw new Error(`The dashboard could not be built:\n${result.stdout}${result.stderr}`)
  markDone(STAMP, content)
  return 'built'
}
