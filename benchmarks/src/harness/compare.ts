import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import type { Load, Measurement } from './measure.ts'

/** Two sides that do the same work, and how they are compared. */
export interface Comparison {
  readonly name: string
  /** What is measured, and under which conditions; for people. */
  readonly title: string
  readonly load: Load
  /** Number of rounds; each measures both sides, one right after the other. Range: >= 1. */
  readonly rounds: number
  /** The limit. */
  readonly floor: URL
  /** What is compared with it. */
  readonly subject: URL
}

/** Medians over all rounds. */
export interface ComparisonResult {
  readonly floor: Measurement
  readonly subject: Measurement
  /** Runs per second of the subject over those of the floor: median of the rounds' own ratios, so that a slow minute of the machine counts for both. */
  readonly ratio: number
}

/** Measures both sides in turns. The order changes every round, so that neither always runs on the disk that the other left behind. */
export async function compare(
  comparison: Comparison,
  onRound: (round: number, floor: Measurement, subject: Measurement) => void,
): Promise<ComparisonResult> {
  const floors: Measurement[] = []
  const subjects: Measurement[] = []
  for (let round = 0; round < comparison.rounds; round += 1) {
    const sides = [
      async () => void floors.push(await runSide(comparison.floor, comparison.load)),
      async () => void subjects.push(await runSide(comparison.subject, comparison.load)),
    ]
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) await side()
    const [floor, subject] = [floors.at(-1), subjects.at(-1)]
    if (floor && subject) onRound(round, floor, subject)
  }
  const ratios = floors.map((floor, round) => (subjects[round]?.runsPerSecond ?? 0) / floor.runsPerSecond)
  return { floor: medians(floors), subject: medians(subjects), ratio: median(ratios) }
}

function runSide(script: URL, load: Load): Promise<Measurement> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(script), {
      execArgv: ['--conditions=@perfect/source'],
      env: { ...process.env, PERFECT_BENCH_LOAD: JSON.stringify(load) },
    })
    let result: Measurement | undefined
    child.on('message', (message) => (result = message as Measurement))
    child.on('error', reject)
    child.on('exit', (code) => {
      if (result !== undefined && code === 0) resolve(result)
      else reject(new Error(`${script.pathname} ended with exit code ${String(code)}; its message is above.`))
    })
  })
}

function medians(all: readonly Measurement[]): Measurement {
  const of = (field: keyof Measurement): number => median(all.map((one) => one[field]))
  return {
    runsPerSecond: of('runsPerSecond'),
    cpuMsPerRun: of('cpuMsPerRun'),
    loopDelayP99Ms: of('loopDelayP99Ms'),
    rssMib: of('rssMib'),
  }
}

/** The middle of some numbers; of an even count, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const [low = NaN, high = low] = sorted.slice(Math.ceil(sorted.length / 2) - 1, Math.floor(sorted.length / 2) + 1)
  return (low + high) / 2
}
