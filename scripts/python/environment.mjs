// @ts-check
/*
 * A virtual environment with what the checks and tests of the Python SDK use (clients/python/requirements-dev.txt), made once and kept
 * under node_modules. Where it cannot be made, the tests run without: they skip what needs it, and say so.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const requirements = join(root, 'clients', 'python', 'requirements-dev.txt')
const isWindows = process.platform === 'win32'
// No tries again: an index that cannot be reached would hold everything up for minutes.
const PIP = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--retries', '0']
const INSTALL_MS = 180_000

/**
 * @typedef {object} Environment
 * @property {string} python
 * @property {string} pure folder with websocket-client, which every version of Python can use
 */

/**
 * The environment, made when it is not there yet.
 *
 * @param {import('./interpreters.mjs').Interpreter} python
 * @returns {Environment | undefined} undefined when it cannot be made
 */
export function pythonEnvironment(python) {
  const mark = createHash('sha256').update(readFileSync(requirements)).update(python.path).digest('hex')
  const folder = join(root, 'node_modules', '.cache', 'perfect-python', python.version)
  const environment = {
    python: join(folder, isWindows ? 'Scripts/python.exe' : 'bin/python'),
    pure: join(folder, 'pure'),
  }
  const markFile = join(folder, 'ready')
  if (existsSync(markFile) && readFileSync(markFile, 'utf8') === mark) return environment
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const websocket = /^websocket-client==.*$/mu.exec(readFileSync(requirements, 'utf8'))?.[0] ?? 'websocket-client'
  const steps = [
    [python.path, '-m', 'venv', folder],
    [environment.python, ...PIP, '-r', requirements],
    [environment.python, ...PIP, '--no-deps', '--target', environment.pure, websocket],
  ]
  for (const [command = '', ...args] of steps) {
    const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8', timeout: INSTALL_MS })
    if (status !== 0) {
      const reason = error?.message ?? stderr.trim().split('\n').at(-1) ?? ''
      console.log(`notice: no Python environment, so what needs it is skipped (${command} ${args[1]}: ${reason})`)
      rmSync(folder, { recursive: true, force: true })
      return undefined
    }
  }
  writeFileSync(markFile, mark)
  return environment
}
