import { fork } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import type { Comparison, Figures, Load, Round, Target } from './comparison.ts'
import type { Task } from './side.ts'
import { median } from './statistics.ts'

/** Whether a target is reached. */
export interface Verdict {
  readonly target: Target
  /** Median over all rounds. */
  readonly value: number
  readonly isReached: boolean
}

/** Medians over all rounds, and what became of the targets. */
export interface ComparisonResult {
  readonly medians: Round
  readonly verdicts: readonly Verdict[]
}

/** The same comparison with so little load that it only shows that it works. */
export function small(comparison: Comparison): Comparison {
  const sides = Object.entries(comparison.sides).map(
    ([name, script]) => [name, script instanceof URL ? script : { ...script, load: script.smallLoad }] as const,
  )
  return { ...comparison, load: comparison.smallLoad, rounds: 1, sides: Object.fromEntries(sides) }
}

/** Measures all sides in turns. The order changes every round, so that none always runs on the disk that another left behind. */
export async function compare(
  comparison: Comparison,
  onRound: (index: number, round: Round) => void,
): Promise<ComparisonResult> {
  const { load, prepare } = comparison
  const prepared = newFolder()
  const shared = comparison.isFolderShared === true ? prepared : undefined
  try {
    if (prepare) await runScript(prepare, { load, folder: prepared })
    const rounds: Round[] = []
    for (let index = 0; index < comparison.rounds; index += 1) {
      const round = await runRound(comparison, index, shared)
      rounds.push(round)
      onRound(index, round)
    }
    return { medians: mediansOf(rounds), verdicts: comparison.targets.map((target) => judge(target, rounds)) }
  } finally {
    rmSync(prepared, { recursive: true, force: true })
  }
}

async function runRound({ sides, load }: Comparison, index: number, shared: string | undefined): Promise<Round> {
  const names = Object.keys(sides)
  const first = index % names.length
  const figures = new Map<string, Figures>()
  for (const name of [...names.slice(first), ...names.slice(0, first)]) {
    const script = sides[name]
    if (script instanceof URL) figures.set(name, await runSide(script, load, shared))
    else if (script) figures.set(name, await runSide(script.script, script.load, shared))
  }
  return Object.fromEntries(names.map((name) => [name, figures.get(name) ?? {}]))
}

async function runSide(script: URL, load: Load, shared: string | undefined): Promise<Figures> {
  const folder = shared ?? newFolder()
  try {
    return await runScript(script, { load, folder })
  } finally {
    if (shared === undefined) rmSync(folder, { recursive: true, force: true })
  }
}

// On the disk of the repository: the temporary folder of a system may be in memory, where nothing is ever durable.
function newFolder(): string {
  const parent = fileURLToPath(new URL('../../.data', import.meta.url))
  mkdirSync(parent, { recursive: true })
  return mkdtempSync(join(parent, 'round-'))
}

function runScript(script: URL, task: Task): Promise<Figures> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(script), {
      execArgv: ['--conditions=@perfect/source'],
      env: { ...process.env, PERFECT_BENCH: JSON.stringify(task) },
    })
    let figures: Figures | undefined
    child.on('message', (message) => (figures = message as Figures))
    child.on('error', reject)
    child.on('exit', (code) => {
      if (figures !== undefined && code === 0) resolve(figures)
      else reject(new Error(`${script.pathname} ended with exit code ${String(code)}; its message is above.`))
    })
  })
}

function mediansOf(rounds: readonly Round[]): Round {
  const [first = {}] = rounds
  const medianOf = (side: string, name: string): number => median(rounds.map((round) => round[side]?.[name] ?? NaN))
  return Object.fromEntries(
    Object.entries(first).map(([side, figures]) => [
      side,
      Object.fromEntries(Object.keys(figures).map((name) => [name, medianOf(side, name)])),
    ]),
  )
}

function judge(target: Target, rounds: readonly Round[]): Verdict {
  const value = median(rounds.map((round) => target.of(round)))
  return { target, value, isReached: target.wants === 'at least' ? value >= target.limit : value <= target.limit }
}
