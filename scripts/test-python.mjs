/*
 * Runs the tests of the Python client with the python3 of the machine, nothing installed.
 * The last line is `N passed, N failed, N skipped`; the exit code is 1 when a test failed or none ran.
 * Usage: node scripts/test-python.mjs [test names as for `python3 -m unittest`]
 * PYTHON names another interpreter.
 */
import { spawn, spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), 'clients', 'python')
const python = findPython()
if (python === undefined) {
  console.error('No Python 3.10 or newer was found. Install python3, or name one: PYTHON=/path/to/python3')
  console.log('0 passed, 1 failed, 0 skipped')
  process.exit(1)
}
const selected = process.argv.slice(2)
const command = selected.length > 0 ? selected : ['discover', '-s', 'tests', '-t', '.']
const child = spawn(python, ['-W', 'error::ResourceWarning', '-m', 'unittest', ...command], {
  cwd: folder,
  stdio: ['ignore', 'inherit', 'pipe'],
})
let report = ''
child.stderr.setEncoding('utf8')
child.stderr.on('data', (/** @type {string} */ text) => {
  report += text
  process.stderr.write(text)
})
child.on('close', (code) => {
  const { ran, failed, skipped } = countsOf(report)
  const notPassed = ran === 0 || (code !== 0 && failed === 0) ? Math.max(1, failed) : failed
  console.log(
    `${String(Math.max(0, ran - notPassed - skipped))} passed, ${String(notPassed)} failed, ${String(skipped)} skipped`,
  )
  process.exitCode = notPassed > 0 ? 1 : 0
})

function findPython() {
  const wanted = 'import sys; sys.exit(sys.version_info < (3, 10))'
  const names = process.env.PYTHON ? [process.env.PYTHON] : ['python3', '/usr/bin/python3', 'python', 'py']
  return names.find((name) => spawnSync(name, ['-c', wanted]).status === 0)
}

// unittest ends with "Ran 12 tests in 1.2s" and "OK (skipped=1)" or "FAILED (failures=1, errors=2, skipped=1)".
/** @param {string} text */
function countsOf(text) {
  /** @param {string} name */
  const count = (name) => Number(text.match(new RegExp(`^(?:OK|FAILED) \\(.*?\\b${name}=(\\d+)`, 'm'))?.[1] ?? 0)
  const ran = Number(text.match(/^Ran (\d+) tests?/m)?.[1] ?? 0)
  return { ran, failed: count('failures') + count('errors') + count('unexpected successes'), skipped: count('skipped') }
}
