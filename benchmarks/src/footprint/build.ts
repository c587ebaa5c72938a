// Builds the package as it is published, beside what it depends on.
import { execFileSync } from 'node:child_process'
import { symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { reportFigures } from '../harness/side.ts'

const CORE = fileURLToPath(new URL('../../../packages/core', import.meta.url))

await reportFigures(({ folder }) => {
  const tsup = join(dirname(createRequire(join(CORE, 'package.json')).resolve('tsup')), 'cli-default.js')
  symlinkSync(join(CORE, 'node_modules'), join(folder, 'node_modules'))
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  execFileSync(process.execPath, [tsup, '--no-dts', '--no-clean', '--out-dir', join(folder, 'dist')], { cwd: CORE })
  return Promise.resolve({})
})
