// @ts-check
/* Finds the Pythons of the machine: the one that the tests run with, and the others that the SDK supports. */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/**
 * @typedef {object} Interpreter
 * @property {string} path
 * @property {string} version such as `3.12`
 */

const SUPPORTED = ['3.10', '3.11', '3.12', '3.13']
const PROBE = 'import sys; print("%d.%d" % sys.version_info[:2]); print(sys.executable)'

/** The Python that PYTHON names, or the first of the PATH that is new enough; undefined when there is none. */
export function findPython() {
  const names = process.env['PYTHON'] ? [process.env['PYTHON']] : ['python3', '/usr/bin/python3', 'python', 'py']
  return names.map(probe).find((found) => found !== undefined)
}

/**
 * One interpreter for each supported version that is there, without the version of the given one.
 *
 * @param {Interpreter} first
 * @returns {readonly Interpreter[]}
 */
export function otherPythons(first) {
  const names = [...SUPPORTED.map((version) => `python${version}`), ...pyenvPythons(), '/usr/bin/python3']
  /** @type {Map<string, Interpreter>} */
  const found = new Map()
  for (const name of names) {
    const python = probe(name)
    if (python && python.version !== first.version && !found.has(python.version)) found.set(python.version, python)
  }
  return [...found.values()].toSorted((a, b) => SUPPORTED.indexOf(a.version) - SUPPORTED.indexOf(b.version))
}

/** @param {string} name @returns {Interpreter | undefined} */
function probe(name) {
  const { status, stdout, error } = spawnSync(name, ['-c', PROBE], { encoding: 'utf8' })
  if (error) return undefined
  const [version = '', path = ''] = stdout.trim().split(/\r?\n/u)
  return status === 0 && SUPPORTED.includes(version) ? { path, version } : undefined
}

// Its commands on the PATH run only the version that is chosen.
function pyenvPythons() {
  const versions = join(process.env['PYENV_ROOT'] ?? join(homedir(), '.pyenv'), 'versions')
  try {
    return readdirSync(versions)
      .filter((name) => SUPPORTED.some((version) => name.startsWith(`${version}.`)))
      .map((name) => join(versions, name, 'bin', 'python3'))
  } catch {
    return []
  }
}
