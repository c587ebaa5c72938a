// The site of the documentation, with the references of the HTTP API and of the Python SDK: a page that cannot be made, or a link that
// leads nowhere, is an error. The reference of the packages is checked by `check-api-docs.ts`.
import { join } from 'node:path'

import { runCommand } from './run-command.ts'
import { root } from './source-files.ts'

const cwd = join(root, 'docs')
const steps: readonly (readonly [string, ...string[]])[] = [
  [process.execPath, '--conditions=@perfect/source', '../packages/http/scripts/write-reference.ts'],
  [process.execPath, '../scripts/python/write-reference.mjs'],
  [join(cwd, 'node_modules', '.bin', 'vitepress'), 'build', '.'],
]
for (const [command, ...args] of steps) {
  const { ok, output } = await runCommand(command, args, { cwd })
  if (ok) continue
  console.log(output.trimEnd())
  process.exitCode = 1
  break
}
