// `pnpm bench [name] [--rounds N] [--runs N] [--strict]`: prints medians of all sides and what became of the targets. Ratios are what counts:
// absolute figures are those of the machine at hand. Use a quiet one. With `--strict` a missed target makes the exit code 1.
import { parseArgs } from 'node:util'

import { comparisons } from './comparisons.ts'
import { compare, type ComparisonResult, type Verdict } from './harness/compare.ts'
import type { Round } from './harness/comparison.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string' }, runs: { type: 'string' }, strict: { type: 'boolean' } },
})
const chosen = comparisons.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
if (chosen.length === 0) throw new Error(`No such benchmark. Known: ${comparisons.map(({ name }) => name).join(', ')}`)

const missed: string[] = []
for (const comparison of chosen) {
  const load = { ...comparison.load, ...(values.runs !== undefined && { runs: Number(values.runs) }) }
  const rounds = Number(values.rounds ?? comparison.rounds)
  console.log(`${comparison.name}: ${comparison.title}; ${String(rounds)} rounds of ${String(load.runs)}`)
  const result = await compare({ ...comparison, load, rounds }, (index, round) =>
    console.log(`  round ${String(index + 1)}: ${roundText(round)}`),
  )
  print(result)
  missed.push(...result.verdicts.filter(({ isReached }) => !isReached).map(({ target }) => target.what))
}
if (missed.length > 0) console.log(`Missed: ${missed.join('; ')}`)
if (values.strict === true && missed.length > 0) process.exitCode = 1

function print({ medians, verdicts }: ComparisonResult): void {
  console.table(byFigure(medians))
  for (const verdict of verdicts) console.log(verdictText(verdict))
  console.log()
}

function verdictText({ target, value, isReached }: Verdict): string {
  const { what, unit, wants, limit } = target
  return `  ${isReached ? 'pass' : 'MISS'}  ${what}: ${short(value)} ${unit} (${wants} ${String(limit)} ${unit})`
}

// The first figure of a side is the one that it is about.
function roundText(round: Round): string {
  return Object.entries(round)
    .map(([side, figures]) => `${side} ${short(Object.values(figures)[0] ?? NaN)}`)
    .join(', ')
}

// A row for each figure, a column for each side.
function byFigure(medians: Round): Record<string, Record<string, number>> {
  const rows: Record<string, Record<string, number>> = {}
  for (const [side, figures] of Object.entries(medians))
    for (const [name, value] of Object.entries(figures)) rows[name] = { ...rows[name], [side]: Number(short(value)) }
  return rows
}

function short(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(Math.abs(value) >= 10 ? 1 : 3)
}
