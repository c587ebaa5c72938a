// @ts-check
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { root } from './root.mjs'

/** @param {string} name */
const stampFile = (name) => join(root, 'node_modules', '.cache', 'perfect', `${name}.stamp`)

/**
 * Content of files and whole folders as one short text: another content gives another text. A missing file counts as empty.
 *
 * @param {readonly string[]} paths relative to the root
 * @returns {string}
 */
export function contentOf(paths) {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`)
  for (const path of paths.flatMap(filesIn)) hash.update(`\0${path}\0`).update(read(join(root, path)) ?? '')
  return hash.digest('hex')
}

/** Whether the work of this name was done for this content. @param {string} name @param {string} content */
export function isDone(name, content) {
  return read(stampFile(name))?.toString() === content
}

/** @param {string} name @param {string} content */
export function markDone(name, content) {
  mkdirSync(dirname(stampFile(name)), { recursive: true })
  writeFileSync(stampFile(name), content)
}

/** To be called before the work starts: work that was cut short is not done. @param {string} name */
export function markUndone(name) {
  rmSync(stampFile(name), { force: true })
}

/** @param {string} path @returns {string[]} */
function filesIn(path) {
  try {
    const entries = readdirSync(join(root, path), { withFileTypes: true, recursive: true })
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
    return files.map((file) => file.slice(root.length)).toSorted()
  } catch {
    return [path]
  }
}

/** @param {string} file */
function read(file) {
  try {
    return readFileSync(file)
  } catch {
    return undefined
  }
}
