// Builds every package: `pnpm build`. They are independent of each other, since types come from sources.
import { runCommand } from './run-command.ts'
import { root, sourceFiles } from './source-files.ts'

const configs = sourceFiles('/tsup.config.ts').filter((file) => file.path.startsWith('packages/'))
for (const { path } of configs) {
  const cwd = `${root}${path.replace(/\/tsup\.config\.ts$/u, '')}`
  const { ok, output } = await runCommand('tsup', [], { cwd })
  if (ok) continue
  console.log(output.trimEnd())
  process.exitCode = 1
}
