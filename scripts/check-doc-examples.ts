// The TypeScript of the guides must compile: the blocks of a page are one program, from top to bottom.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'

import { runCommand } from './run-command.ts'
import { report, root, sourceFiles } from './source-files.ts'

// Beside the example server, which has all packages that the guides use.
const folder = join(root, 'examples/server/.docs')
const TSCONFIG = {
  extends: '../../../tsconfig.base.json',
  compilerOptions: {
    types: ['node'],
    isolatedDeclarations: false,
    // A library that only a guide and a test of the core use.
    paths: { 'rrule-temporal': ['../../../packages/core/node_modules/rrule-temporal/dist/index.d.ts'] },
  },
  include: ['*.ts'],
}

rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
try {
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(TSCONFIG))
  for (const { path, text } of sourceFiles('.md').filter((file) => file.path.startsWith('docs/guide/'))) {
    const blocks = [...text.matchAll(/^```ts\n([^]*?)^```/gmu)].map(([, code = '']) => code)
    if (blocks.length > 0) writeFileSync(join(folder, `${basename(path, '.md')}.ts`), blocks.join('\n'))
  }
  const { ok, output } = await runCommand('tsc', ['-p', folder, '--pretty', 'false'])
  report(ok ? [] : output.trim().split('\n'), 'The file names are those of the pages in docs/guide.')
} finally {
  rmSync(folder, { recursive: true, force: true })
}
