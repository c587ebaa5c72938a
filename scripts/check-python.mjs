/*
 * Checks the Python code: ruff (lint and format) and pyright come through npm, mypy through an environment of its own. Every public
 * name has a docstring, since the reference pages are made of them.
 * Usage: node scripts/check-python.mjs [--fix]
 * --fix formats the files and sorts their imports.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

import { PositionEncoding, Workspace } from '@astral-sh/ruff-wasm-nodejs'

import { pythonEnvironment } from './python/environment.mjs'
import { findPython } from './python/interpreters.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const folders = ['clients/python', 'examples/workflows']
const fix = process.argv.includes('--fix')

// The same rules as [tool.ruff] of clients/python/pyproject.toml, read from there: an editor uses that file.
const settings = ruffSettings(readFileSync(join(root, 'clients/python/pyproject.toml'), 'utf8'))
const workspace = new Workspace(settings, PositionEncoding.Utf16)
let problems = 0
for (const file of folders.flatMap((folder) => pythonFiles(join(root, folder)))) checkFile(file)
console.log(problems === 0 ? 'ruff: no problems' : `ruff: ${String(problems)} problems`)

const pyright = join(dirname(createRequire(import.meta.url).resolve('pyright/package.json')), 'index.js')
const python = findPython()
const environment = python && pythonEnvironment(python)
const types = spawnSync(
  process.execPath,
  [pyright, '--project', join(root, 'clients/python'), ...(environment ? ['--pythonpath', environment.python] : [])],
  { stdio: 'inherit' },
)
const mypy = checkWithMypy()
const texts = python
  ? spawnSync(python.path, [join(root, 'clients/python/tools/reference.py'), '--check'], { stdio: 'inherit' })
  : { status: 0 }
process.exitCode = problems > 0 || types.status !== 0 || mypy !== 0 || texts.status !== 0 ? 1 : 0

// The oldest and the newest version: what one of them lacks shows.
function checkWithMypy() {
  if (environment === undefined) return 0
  const runs = ['3.10', '3.13'].map((version) =>
    spawnSync(environment.python, ['-m', 'mypy', '--python-version', version], {
      cwd: join(root, 'clients/python'),
      stdio: 'inherit',
    }),
  )
  return runs.every(({ status }) => status === 0) ? 0 : 1
}

/** @param {string} file */
function checkFile(file) {
  const source = readFileSync(file, 'utf8')
  let text = source
  if (fix) text = workspace.format(sortImports(text))
  for (const found of diagnose(text)) report(file, found.start_location, `${found.code ?? 'syntax'} ${found.message}`)
  if (workspace.format(text) !== text) report(file, { row: 1, column: 1 }, 'is not formatted (--fix formats it)')
  if (text !== source) writeFileSync(file, text)
}

/**
 * Only the order of imports: of other fixes the linter does not say here whether they change what the code does.
 * One at a time, since each moves what comes after it.
 * @param {string} text
 */
function sortImports(text) {
  let result = text
  for (let round = 0; round < 100; round += 1) {
    const found = diagnose(result).find(({ code, fix: edit }) => code === 'I001' && edit !== null)
    if (!found?.fix) break
    result = applyEdits(result, found.fix.edits)
  }
  return result
}

/** @param {string} text */
function diagnose(text) {
  return /** @type {import('@astral-sh/ruff-wasm-nodejs').Diagnostic[]} */ (workspace.check(text))
}

/**
 * @param {string} text
 * @param {NonNullable<import('@astral-sh/ruff-wasm-nodejs').Diagnostic['fix']>['edits']} edits
 */
function applyEdits(text, edits) {
  const lines = text.split('\n')
  const starts = lines.map((_, index) => lines.slice(0, index).reduce((sum, line) => sum + line.length + 1, 0))
  /** @param {{ row: number, column: number }} place */
  const offset = ({ row, column }) => (starts[row - 1] ?? text.length) + column - 1
  const last = edits.toSorted((a, b) => offset(b.location) - offset(a.location))
  return last.reduce(
    (result, edit) =>
      result.slice(0, offset(edit.location)) + (edit.content ?? '') + result.slice(offset(edit.end_location)),
    text,
  )
}

/**
 * @param {string} file
 * @param {{ row: number, column: number }} place
 * @param {string} message
 */
function report(file, { row, column }, message) {
  problems += 1
  console.error(`${relative(root, file)}:${String(row)}:${String(column)} ${message}`)
}

/** @param {string} folder */
function pythonFiles(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.py') && !entry.parentPath.includes('node_modules'))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
}

/** @param {string} toml */
function ruffSettings(toml) {
  /** @param {string} name */
  const section = (name) => toml.split(`[${name}]\n`)[1]?.split('\n[')[0] ?? ''
  /** @param {string} text @param {string} key */
  const list = (text, key) =>
    [...(text.match(new RegExp(`^${key} = \\[([^\\]]*)\\]`, 'm'))?.[1] ?? '').matchAll(/"([^"]+)"/g)].map((m) => m[1])
  const general = section('tool.ruff')
  const lint = section('tool.ruff.lint')
  return {
    'line-length': Number(general.match(/^line-length = (\d+)/m)?.[1]),
    'target-version': general.match(/^target-version = "(\w+)"/m)?.[1],
    lint: { select: list(lint, 'select'), ignore: list(lint, 'ignore') },
  }
}
