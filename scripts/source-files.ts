import { readFileSync, readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Root folder of the repository, ending with a separator. */
export const root: string = fileURLToPath(new URL('../', import.meta.url))

/** One file of ours. */
export interface SourceFile {
  /** From the root, with `/`. */
  readonly path: string
  readonly text: string
}

const FOLDERS = ['packages', 'clients', 'examples', 'benchmarks', 'protocol', 'scripts', 'docs']
const NOT_OURS = new Set(['node_modules', 'dist', 'coverage', '.vitepress', '__pycache__'])

const GENERATED = new Set([join(root, 'docs', 'api'), join(root, 'docs', 'http-api')])

/** All files that people wrote in this repository with one of these endings (`.ts`), in order of their paths. */
export function sourceFiles(...endings: readonly string[]): readonly SourceFile[] {
  const found = FOLDERS.flatMap((folder) => walk(join(root, folder)))
  const chosen = found.filter((file) => endings.some((ending) => file.endsWith(ending)))
  return chosen.toSorted().map((file) => ({
    path: relative(root, file).replaceAll('\\', '/'),
    text: readFileSync(file, 'utf8'),
  }))
}

function walk(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (NOT_OURS.has(entry.name) || GENERATED.has(path)) return []
    return entry.isDirectory() ? walk(path) : [path]
  })
}

/** Prints the problems of a check, and makes the process fail when there are any. */
export function report(problems: readonly string[], advice: string): void {
  for (const problem of problems) console.log(problem)
  if (problems.length === 0) return
  console.log(`${String(problems.length)} problems. ${advice}`)
  process.exitCode = 1
}
