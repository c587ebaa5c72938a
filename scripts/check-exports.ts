// The exported names of every entry of every package, compared with scripts/exports.json: an API changes on purpose only.
// `node scripts/check-exports.ts --update` writes them down anew.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import ts from 'typescript'

import { report, root, sourceFiles } from './source-files.ts'

const SNAPSHOT = 'scripts/exports.json'
type Names = Readonly<Record<string, readonly string[]>>

interface Manifest {
  readonly name: string
  readonly exports: Readonly<Record<string, string | { readonly '@perfect/source'?: string }>>
}

/** Source file of each entry, by the name it is imported by. */
function entries(): Map<string, string> {
  const found = new Map<string, string>()
  for (const { path, text } of sourceFiles('/package.json').filter((file) => file.path.startsWith('packages/'))) {
    const manifest = JSON.parse(text) as Manifest
    for (const [subpath, target] of Object.entries(manifest.exports)) {
      const source = typeof target === 'string' ? undefined : target['@perfect/source']
      const name = `${manifest.name}${subpath.slice(1)}`
      if (source !== undefined) found.set(name, join(root, path, '..', source))
    }
  }
  return found
}

function exportedNames(): Names {
  const files = entries()
  const program = ts.createProgram([...files.values()], {
    target: ts.ScriptTarget.ES2024,
    lib: ['lib.es2024.d.ts', 'lib.dom.d.ts'],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    customConditions: ['@perfect/source'],
    allowImportingTsExtensions: true,
    noEmit: true,
  })
  const checker = program.getTypeChecker()
  const namesOf = (file: string): string[] => {
    const source = program.getSourceFile(file)
    const module = source && checker.getSymbolAtLocation(source)
    return module === undefined
      ? []
      : checker
          .getExportsOfModule(module)
          .map((symbol) => symbol.name)
          .toSorted()
  }
  return Object.fromEntries([...files].map(([name, file]) => [name, namesOf(file)]))
}

function changes(before: Names, after: Names): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((entry) => {
    const had = before[entry] ?? []
    const has = after[entry] ?? []
    return [
      ...has.filter((name) => !had.includes(name)).map((name) => `${entry}: ${name} is new`),
      ...had.filter((name) => !has.includes(name)).map((name) => `${entry}: ${name} is gone`),
    ]
  })
}

const after = exportedNames()
const file = join(root, SNAPSHOT)
if (process.argv.includes('--update')) writeFileSync(file, `${JSON.stringify(after, undefined, 2)}\n`)
else {
  const before = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Names) : {}
  report(changes(before, after), 'When this is meant: node scripts/check-exports.ts --update, and a changeset.')
}
