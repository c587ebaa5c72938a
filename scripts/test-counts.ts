import type { CommandResult } from './run-command.ts'

/** How the tests of one command ended. */
export interface TestCounts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

const CLOSING_LINE = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/gmu

/**
 * Reads the closing line `N passed, N failed, N skipped` of a test command. A command that failed without a failed test, or that
 * never came to its closing line, counts as one failure: it must not pass as silence.
 */
export function readCounts(result: CommandResult): TestCounts {
  const [, passed = '0', failed = '0', skipped = '0'] = [...result.output.matchAll(CLOSING_LINE)].at(-1) ?? []
  const counts = { passed: Number(passed), failed: Number(failed), skipped: Number(skipped) }
  const isSilent = counts.failed === 0 && (!result.ok || counts.passed === 0)
  return isSilent ? { ...counts, failed: 1 } : counts
}

/** The counts of several commands together. */
export function addCounts(parts: readonly TestCounts[]): TestCounts {
  const sum = (pick: (part: TestCounts) => number): number => parts.reduce((total, part) => total + pick(part), 0)
  return {
    passed: sum((part) => part.passed),
    failed: sum((part) => part.failed),
    skipped: sum((part) => part.skipped),
  }
}
