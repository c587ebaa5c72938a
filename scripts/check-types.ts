// `tsc` over the root and every workspace package; each is a project of its own.
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'

import { runCommand } from './run-command.ts'
import { root, sourceFiles } from './source-files.ts'

const folders = sourceFiles('/package.json').map((file) => file.path.replace(/\/package\.json$/u, ''))
const projects = ['.', ...folders.filter((folder) => existsSync(join(root, folder, 'tsconfig.json')))]
const queue = projects.values()

async function checkNext(): Promise<void> {
  for (const project of queue) {
    const { ok, output } = await runCommand('tsc', ['-p', project, '--pretty', 'false'], { cwd: root })
    if (ok) continue
    console.log(output.trimEnd())
    process.exitCode = 1
  }
}

await Promise.all(Array.from({ length: availableParallelism() }, checkNext))
