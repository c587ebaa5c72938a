// TypeDoc over all public packages, without writing pages: a warning (a public name without a text, a broken link) is an error.
import { join } from 'node:path'

import { runCommand } from './run-command.ts'
import { root } from './source-files.ts'

const cwd = join(root, 'docs')
const { ok, output } = await runCommand(join(cwd, 'node_modules', '.bin', 'typedoc'), ['--emit', 'none'], { cwd })
if (!ok) {
  console.log(output.trimEnd())
  process.exitCode = 1
}
