// @ts-check
/*
 * How long `import perfect_client` takes, by Python's own measure. The best of several: the others tell of the machine.
 * Usage: node scripts/python/import-time.mjs
 */
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { findPython } from './interpreters.mjs'

/** More than this is felt when a command starts. Unit: ms. */
const IMPORT_MS = 40
const TRIES = 12

const source = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'clients/python/src')

/** The time of the import. Unit: ms. @param {string} python */
function importTime(python) {
  // Compiled files are what a user has after the first start.
  const env = { ...process.env, PYTHONPATH: source, PYTHONDONTWRITEBYTECODE: '' }
  const times = Array.from({ length: TRIES }, () => {
    const { stderr } = spawnSync(python, ['-X', 'importtime', '-c', 'import perfect_client'], { env, encoding: 'utf8' })
    return Number(/\| +(\d+) \| perfect_client$/mu.exec(stderr)?.[1] ?? Infinity) / 1000
  })
  return Math.min(...times)
}

const python = findPython()
const took = python ? importTime(python.path) : Infinity
console.log(`import perfect_client: ${took.toFixed(1)} ms (at most ${String(IMPORT_MS)} ms)`)
process.exitCode = took > IMPORT_MS ? 1 : 0
