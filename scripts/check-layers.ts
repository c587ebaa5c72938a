// Imports go down only, type imports included: between the folders of @perfect/core, and between the packages.
import { dirname, posix } from 'node:path'

import ts from 'typescript'

import { report, sourceFiles, type SourceFile } from './source-files.ts'

// Folders of packages/core/src with their rank; two of one rank know nothing of each other.
const RANKS: Readonly<Record<string, number>> = {
  errors: 0,
  primitives: 1,
  definition: 2,
  storage: 3,
  journal: 4,
  runner: 5,
  processes: 5,
  engine: 6,
  testing: 7,
}
const CORE = 'packages/core/src/'

// Which of our packages each package may import.
const PACKAGES: Readonly<Record<string, readonly string[]>> = { core: [], http: ['core'], 'ui-web': ['core'] }

const imports = (file: SourceFile): readonly string[] =>
  ts.preProcessFile(file.text, true, true).importedFiles.map((imported) => imported.fileName)

const folderOf = (path: string): string | undefined => {
  const [folder = '', rest] = path.slice(CORE.length).split('/')
  return path.startsWith(CORE) && rest !== undefined ? folder : undefined
}

function layerProblems(file: SourceFile): string[] {
  const from = folderOf(file.path)
  // Nobody imports a test, so it may import whatever it needs.
  if (from === undefined || /\.test(?:-d)?\.ts$/u.test(file.path)) return []
  const rank = RANKS[from]
  if (rank === undefined) return [`${file.path}: folder "${from}" has no rank; add it to scripts/check-layers.ts.`]
  return imports(file).flatMap((name) => {
    if (!name.startsWith('.')) return []
    const target = posix.join(dirname(file.path), name)
    const to = folderOf(target)
    if (to === from) return []
    const isDown = to !== undefined && (RANKS[to] ?? Infinity) < rank
    return isDown ? [] : [`${file.path}: "${from}" may not import ${target.slice(CORE.length)}`]
  })
}

function packageProblems(file: SourceFile): string[] {
  const [group, from = '', folder] = file.path.split('/')
  if (group !== 'packages' || folder !== 'src') return []
  const allowed = PACKAGES[from]
  if (allowed === undefined) return [`${file.path}: package "${from}" is not in the graph of scripts/check-layers.ts.`]
  return imports(file).flatMap((name) => {
    const to = /^@perfect\/([^/]+)/u.exec(name)?.[1]
    return to === undefined || allowed.includes(to) || to === from
      ? []
      : [`${file.path}: ${from} may not import ${name}`]
  })
}

const problems = sourceFiles('.ts').flatMap((file) => [...layerProblems(file), ...packageProblems(file)])
report(problems, 'Imports go to lower ranks only: see "Layer rule" in ARCHITECTURE.md.')
