// Everything that must hold beside the tests: `pnpm check`, or some of it by name: `pnpm check lint types`.
// Checks that do not need each other run side by side; each prints one line with its time, and its output when it fails.
import { availableParallelism } from 'node:os'

import { runCommand } from './run-command.ts'
import { root } from './source-files.ts'

interface Check {
  readonly name: string
  readonly command: readonly [string, ...string[]]
  /** Name of the check that must have ended first. */
  readonly after?: string
}

const script = (name: string): readonly [string, ...string[]] => [
  process.execPath,
  '--conditions=@perfect/source',
  `scripts/${name}`,
]

// The slow ones first: they decide when all is done.
const checks: readonly Check[] = [
  { name: 'build', command: script('build.ts') },
  { name: 'python', command: script('check-python.mjs') },
  { name: 'api-docs', command: script('check-api-docs.ts') },
  { name: 'docs', command: script('check-docs.ts') },
  { name: 'packages', command: script('check-packages.ts'), after: 'build' },
  { name: 'lint', command: ['oxlint'] },
  { name: 'types', command: script('check-types.ts') },
  { name: 'unused', command: ['knip'] },
  { name: 'exports', command: script('check-exports.ts') },
  {
    name: 'openapi',
    command: [process.execPath, '--conditions=@perfect/source', 'packages/http/scripts/check-openapi.ts'],
  },
  { name: 'duplication', command: script('check-duplication.ts') },
  { name: 'sizes', command: script('check-sizes.ts') },
  { name: 'layers', command: script('check-layers.ts') },
  { name: 'format', command: ['oxfmt', '--check'] },
  { name: 'bundle-size', command: ['size-limit'], after: 'build' },
  { name: 'error-pages', command: script('check-error-pages.ts') },
  { name: 'dependencies', command: script('check-dependencies.ts') },
  { name: 'guides', command: script('check-doc-examples.ts') },
  { name: 'todos', command: script('check-todos.ts') },
]

async function runCheck({ name, command: [file, ...args] }: Check): Promise<boolean> {
  const began = performance.now()
  const { ok, output } = await runCommand(file, args, { cwd: root })
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name}  (${seconds} s)`)
  if (!ok) console.log(`${output.trimEnd()}\n`)
  return ok
}

/**
 * Runs the checks.
 *
 * @param names only these; all when empty
 * @returns names of those that failed
 */
export async function runChecks(names: readonly string[] = []): Promise<readonly string[]> {
  const waiting = checks.filter((check) => names.length === 0 || names.includes(check.name))
  const chosen = new Set(waiting.map((check) => check.name))
  const ended = new Set<string>()
  const failed: string[] = []
  const isReady = (check: Check): boolean =>
    check.after === undefined || !chosen.has(check.after) || ended.has(check.after)
  const runNext = async (): Promise<void> => {
    for (;;) {
      const index = waiting.findIndex(isReady)
      const [check] = index === -1 ? [] : waiting.splice(index, 1)
      if (check === undefined) return
      if (!(await runCheck(check))) failed.push(check.name)
      ended.add(check.name)
    }
  }
  await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, runNext))
  // A worker may have found nothing ready while the last prerequisite was still running.
  await runNext()
  return failed
}

if (import.meta.main) {
  console.log('Checks')
  const failed = await runChecks(process.argv.slice(2))
  console.log(failed.length === 0 ? 'all checks passed' : `failed: ${failed.join(', ')}`)
  if (failed.length > 0) process.exitCode = 1
}
