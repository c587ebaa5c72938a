// Everything that must hold before a change goes in: `pnpm check`, then the tests of TypeScript, of the browser and of Python.
// The last line is `N passed, N failed` over all tests. The exit code is 1 when a test failed or a check did.
import { runChecks } from './check.ts'
import { runCommand } from './run-command.ts'
import { addCounts, readCounts, type TestCounts } from './test-counts.ts'

interface Suite {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
}

const suites: readonly Suite[] = [
  { name: 'TypeScript and browser tests', command: 'vitest', args: ['run'] },
  { name: 'Python tests', command: process.execPath, args: ['scripts/test-python.mjs'] },
]

// Ends with the launcher, and takes along what it started: they share a process group.
process.on('disconnect', () => process.kill(process.platform === 'win32' ? process.pid : 0, 'SIGTERM'))
// Listening must not keep this process alive when the tests are done.
process.channel?.unref()

const failedChecks = await runChecks()
const results: { readonly suite: Suite; readonly counts: TestCounts; readonly seconds: string }[] = []
for (const suite of suites) {
  console.log(`\n${suite.name}`)
  const began = performance.now()
  const result = await runCommand(suite.command, suite.args, { show: true })
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  results.push({ suite, counts: readCounts(result), seconds })
}

console.log('\nSummary')
console.log(failedChecks.length === 0 ? 'checks: all passed' : `checks: failed: ${failedChecks.join(', ')}`)
for (const { suite, counts, seconds } of results)
  console.log(`${suite.name}: ${String(counts.passed)} passed, ${String(counts.failed)} failed  (${seconds} s)`)
const total = addCounts(results.map((result) => result.counts))
const skipped = total.skipped === 0 ? '' : `, ${String(total.skipped)} skipped`
console.log(`${String(total.passed)} passed, ${String(total.failed)} failed${skipped}`)
process.exitCode = total.failed > 0 || failedChecks.length > 0 ? 1 : 0
