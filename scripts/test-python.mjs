// @ts-check
/*
 * Runs the tests of the Python SDK with the python3 of the machine, in an environment that it makes itself, and with each other supported
 * version of Python that is there. The last line is `N passed, N failed, N skipped`; the exit code is 1 when a test failed or none ran.
 * Usage: node scripts/test-python.mjs [test names as for `python3 -m unittest`, for the first Python only]
 * PYTHON names another interpreter.
 */
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { pythonEnvironment } from './python/environment.mjs'
import { findPython, otherPythons } from './python/interpreters.mjs'

const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), 'clients', 'python')
const python = findPython()
if (python === undefined) {
  console.error('No Python 3.10 to 3.13 was found. Install python3, or name one: PYTHON=/path/to/python3')
  console.log('0 passed, 1 failed, 0 skipped')
  process.exit(1)
}
const environment = pythonEnvironment(python)
const selected = process.argv.slice(2)
const counts = [
  await runTests({ path: environment?.python ?? python.path, version: python.version }, { show: true, extra: [] }),
]
if (selected.length === 0) {
  const extra = environment ? [environment.pure] : []
  // Beside each other: the tests wait more than they compute.
  counts.push(...(await Promise.all(otherPythons(python).map((other) => runTests(other, { show: false, extra })))))
}
const sum = (/** @type {'passed' | 'failed' | 'skipped'} */ name) =>
  String(counts.reduce((total, count) => total + count[name], 0))
console.log(`${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`)
process.exitCode = sum('failed') === '0' ? 0 : 1

/**
 * @param {import('./python/interpreters.mjs').Interpreter} interpreter
 * @param {{ show: boolean, extra: readonly string[] }} options
 * @returns {Promise<{ passed: number, failed: number, skipped: number }>}
 */
async function runTests({ path, version }, { show, extra }) {
  const tests = selected.length > 0 ? selected : ['discover', '-s', 'tests', '-t', '.']
  const child = spawn(path, ['-W', 'error::ResourceWarning', '-m', 'unittest', ...tests], {
    cwd: folder,
    env: { ...process.env, ...(extra.length > 0 && { PERFECT_TEST_PATH: extra.join() }) },
    stdio: ['ignore', 'inherit', 'pipe'],
  })
  let report = ''
  child.stderr.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
    report += text
    if (show) process.stderr.write(text)
  })
  /** @type {number | null} */
  const code = await new Promise((resolve) => child.on('close', resolve))
  const { ran, failed, skipped } = countsOf(report)
  const notPassed = ran === 0 || (code !== 0 && failed === 0) ? Math.max(1, failed) : failed
  if (!show && notPassed > 0) process.stderr.write(report)
  const passed = Math.max(0, ran - notPassed - skipped)
  console.log(
    `Python ${version}: ${String(passed)} passed, ${String(notPassed)} failed, ${String(skipped)} skipped (${path})`,
  )
  return { passed, failed: notPassed, skipped }
}

// unittest ends with "Ran 12 tests in 1.2s" and "OK (skipped=1)" or "FAILED (failures=1, errors=2, skipped=1)".
/** @param {string} text */
function countsOf(text) {
  /** @param {string} name */
  const count = (name) => Number(text.match(new RegExp(`^(?:OK|FAILED) \\(.*?\\b${name}=(\\d+)`, 'm'))?.[1] ?? 0)
  const ran = Number(text.match(/^Ran (\d+) tests?/m)?.[1] ?? 0)
  return { ran, failed: count('failures') + count('errors') + count('unexpected successes'), skipped: count('skipped') }
}
