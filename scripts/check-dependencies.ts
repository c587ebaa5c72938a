// Each dependency of each package is explained in docs/dependencies.md, and nothing else is.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { report, root, sourceFiles } from './source-files.ts'

const PAGE = 'docs/dependencies.md'

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

const manifests = [
  readFileSync(join(root, 'package.json'), 'utf8'),
  ...sourceFiles('package.json').map((file) => file.text),
]
const used = new Set(
  manifests.flatMap((text) => {
    const { dependencies, devDependencies, optionalDependencies, peerDependencies } = JSON.parse(text) as Manifest
    return Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies, ...peerDependencies })
  }),
)
const page = readFileSync(join(root, PAGE), 'utf8')
// First cell of a table row: names between backticks.
const rows = page.split('\n').filter((line) => line.startsWith('| `'))
const explained = new Set(
  rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/gu)].map(([, name = '']) => name)),
)

const missing = [...used].filter((name) => !name.startsWith('@perfect/') && !explained.has(name))
const stale = [...explained].filter((name) => !used.has(name))
report(
  [
    ...missing.toSorted().map((name) => `${name}: used, but not in ${PAGE}`),
    ...stale.toSorted().map((name) => `${name}: in ${PAGE}, but no package uses it`),
  ],
  `Keep one line for each in ${PAGE}.`,
)
