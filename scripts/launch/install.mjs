// @ts-check
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { announce } from './console.mjs'
import { root } from './root.mjs'
import { contentOf, isDone, markDone, markUndone } from './stamp.mjs'

const STAMP = 'install'

/**
 * Installs what the lockfile lists with the pnpm that package.json names, unless nothing changed since the last time.
 *
 * @returns {Promise<string>} what it did
 */
export async function installPackages() {
  const content = contentOf([...manifests(), 'pnpm-lock.yaml', 'pnpm-workspace.yaml', '.pnpmfile.mjs'])
  const isInstalled = existsSync(join(root, 'node_modules', '.modules.yaml'))
  if (isInstalled && isDone(STAMP, content)) return 'up to date'
  markUndone(STAMP)
  announce(isInstalled ? 'packages   updating …' : 'packages   installing, some 20 s and 200 MB the first time …')
  const pnpm = pnpmName()
  const code = await npx([
    '--yes',
    '--prefer-offline',
    pnpm,
    'install',
    '--prefer-offline',
    '--config.confirmModulesPurge=false',
  ])
  if (code !== 0) {
    throw new Error(
      `The packages could not be installed: ${pnpm} ended with exit code ${code}; its own message is above. ` +
        'Without a network the first start cannot work; behind a proxy, set HTTPS_PROXY. Then run this again.',
    )
  }
  markDone(STAMP, contentOf([...manifests(), 'pnpm-lock.yaml', 'pnpm-workspace.yaml', '.pnpmfile.mjs']))
  return `installed with ${pnpm}`
}

function manifests() {
  const folders = ['packages', 'examples'].flatMap((group) =>
    readdirSync(join(root, group), { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? [`${group}/${entry.name}`] : [],
    ),
  )
  return ['package.json', ...[...folders, 'docs', 'benchmarks'].map((folder) => `${folder}/package.json`)]
}

/** `pnpm@<version>`, as package.json states it. */
function pnpmName() {
  const manifest = /** @type {{ packageManager: string }} */ (
    JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  )
  return manifest.packageManager
}

/** @param {readonly string[]} args @returns {Promise<number>} */
function npx(args) {
  const { command, prefix, shell } = npxCommand()
  return new Promise((resolve, reject) => {
    // pnpm asks nothing when it has no input to read from.
    const child = spawn(command, [...prefix, ...args], { cwd: root, shell, stdio: ['ignore', 'inherit', 'inherit'] })
    const stop = () => {
      child.kill()
      process.exit(143)
    }
    process.once('SIGTERM', stop)
    child.on('error', (error) =>
      reject(new Error(`npx could not be run: ${error.message}. Install npm, which brings it.`)),
    )
    child.on('exit', (code, signal) => {
      process.off('SIGTERM', stop)
      resolve(signal === null ? (code ?? 1) : 130)
    })
  })
}

// The npx of the npm that runs this script; PATH may lead to another one, or to none.
function npxCommand() {
  const npm = process.env['npm_execpath'] ?? ''
  const cli = join(dirname(npm), 'npx-cli.js')
  if (npm.endsWith('npm-cli.js') && existsSync(cli)) return { command: process.execPath, prefix: [cli], shell: false }
  const windows = process.platform === 'win32'
  return { command: windows ? 'npx.cmd' : 'npx', prefix: [], shell: windows }
}
