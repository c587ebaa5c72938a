// Every error code has a page that says what happened, why, and what to do about it; no page is left without a code.
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

import { ERROR_CODES, type ErrorCode } from '../packages/core/src/errors/codes.ts'
import { report, root } from './source-files.ts'

const FOLDER = 'docs/errors'
const SECTIONS = ['What', 'Why', 'Fix']
// Shorter is a heading without a text.
const MIN_SECTION_CHARS = 40

// The second line repeats the table of the codes, for readers.
function introductionOf(code: ErrorCode): string {
  const { status, retryable, title } = ERROR_CODES[code]
  return `${title}. HTTP status ${String(status)}; the same call ${retryable ? 'can succeed later' : 'fails again'}.`
}

const fileOf = (code: string): string => `${code.toLowerCase().replaceAll('_', '-')}.md`

function pageProblems(code: ErrorCode): string[] {
  const path = join(root, FOLDER, fileOf(code))
  if (!existsSync(path)) return [`${FOLDER}/${fileOf(code)}: missing`]
  const page = readFileSync(path, 'utf8')
  const sections = SECTIONS.filter((title) => {
    const text = page.split(`\n## ${title}\n`)[1]?.split('\n## ')[0] ?? ''
    return text.trim().length < MIN_SECTION_CHARS
  })
  return [
    ...(page.startsWith(`# ${code}\n\n${introductionOf(code)}\n`)
      ? []
      : [`${FOLDER}/${fileOf(code)}: must begin with "# ${code}" and "${introductionOf(code)}"`]),
    ...sections.map((title) => `${FOLDER}/${fileOf(code)}: section "## ${title}" is missing or empty`),
  ]
}

const codes = Object.keys(ERROR_CODES) as ErrorCode[]
const known = new Set(['index.md', ...codes.map(fileOf)])
const strays = readdirSync(join(root, FOLDER)).filter((name) => !known.has(name))
report(
  [...codes.flatMap(pageProblems), ...strays.map((name) => `${FOLDER}/${name}: no code has this page`)],
  'Each code of packages/core/src/errors/codes.ts has one page.',
)
