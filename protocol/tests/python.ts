/* The Python that tests of the protocol run the SDK with: the environment of the Python tests, with websocket-client. */
import { spawn, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import { pythonEnvironment } from '../../scripts/python/environment.mjs'
import { findPython } from '../../scripts/python/interpreters.mjs'

/** Where the SDK is. */
export const SDK: string = fileURLToPath(new URL('../../clients/python/src', import.meta.url))

let interpreter: string | undefined

/** Starts a Python program with the SDK on its path. What it writes as errors goes to the errors of the test. */
export function startPython(file: URL, args: readonly string[]): ChildProcess {
  return spawn(pythonPath(), ['-u', fileURLToPath(file), ...args], {
    env: { ...process.env, PYTHONPATH: SDK, PYTHONDONTWRITEBYTECODE: '1' },
    stdio: ['ignore', 'inherit', process.env['PERFECT_PYTHON_LOG'] ? 'inherit' : 'ignore'],
  })
}

/** The interpreter. */
export function pythonPath(): string {
  if (interpreter !== undefined) return interpreter
  const python = findPython()
  if (!python) throw new Error('No Python 3.10 to 3.13 was found.')
  const environment = pythonEnvironment(python)
  if (!environment) throw new Error('The Python environment could not be made: websocket-client is needed.')
  interpreter = environment.python
  return interpreter
}
