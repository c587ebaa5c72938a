// `pnpm bench [name] [--rounds N] [--runs N]`: prints medians of both sides, and their ratio, which is what counts: absolute figures are
// those of the machine at hand. Use a quiet one.
import { parseArgs } from 'node:util'

import { durableRuns } from './durable-runs/comparison.ts'
import { compare, type Comparison } from './harness/compare.ts'
import type { Measurement } from './harness/measure.ts'

const comparisons: readonly Comparison[] = [durableRuns]

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string' }, runs: { type: 'string' } },
})
const chosen = comparisons.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
if (chosen.length === 0) throw new Error(`No such benchmark. Known: ${comparisons.map(({ name }) => name).join(', ')}`)

for (const comparison of chosen) {
  const load = { ...comparison.load, ...(values.runs !== undefined && { runs: Number(values.runs) }) }
  const rounds = Number(values.rounds ?? comparison.rounds)
  console.log(`${comparison.name}: ${comparison.title}; ${String(rounds)} rounds of ${String(load.runs)} runs`)
  const result = await compare({ ...comparison, load, rounds }, (round, floor, subject) => {
    const [low, high] = [floor.runsPerSecond, subject.runsPerSecond].map((rate) => rate.toFixed(0))
    console.log(`  round ${String(round + 1)}: floor ${String(low)}/s, engine ${String(high)}/s`)
  })
  console.table({ floor: row(result.floor), engine: row(result.subject) })
  console.log(`ratio ${result.ratio.toFixed(2)} (engine / floor, runs per second)\n`)
}

function row(measurement: Measurement): Record<string, number> {
  const { runsPerSecond, cpuMsPerRun, loopDelayP99Ms, rssMib } = measurement
  return {
    'runs/s': Math.round(runsPerSecond),
    'CPU ms/run': Number(cpuMsPerRun.toFixed(3)),
    'loop delay p99 ms': Number(loopDelayP99Ms.toFixed(1)),
    'RSS MiB': Math.round(rssMib),
  }
}
