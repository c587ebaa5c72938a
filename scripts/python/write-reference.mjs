// @ts-check
/* Writes the reference pages of the Python SDK into the site of the documentation: docs/python-api. */
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { findPython } from './interpreters.mjs'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const python = findPython()
if (python === undefined)
  throw new Error('No Python 3.10 to 3.13 was found. Install python3, or name one: PYTHON=/path')
const script = join(root, 'clients/python/tools/reference.py')
const { status } = spawnSync(python.path, [script, join(root, 'docs/python-api')], { stdio: 'inherit' })
process.exitCode = status ?? 1
