/*
 * PERFECT_SIM_SEED=<n>   runs one seed and prints its whole history
 * PERFECT_SIM_SEEDS=<n>  runs this many seeds instead of 2,000; PERFECT_SIM_FROM=<n> starts at another one
 */
import { readFileSync } from 'node:fs'
import { env } from 'node:process'

import { describe, expect, it } from 'vitest'

import { MUTANTS } from './mutants.ts'
import { simulate, type Report } from './simulate.ts'

const FROM = Number(env['PERFECT_SIM_FROM'] ?? 1)
const SEEDS = Number(env['PERFECT_SIM_SEEDS'] ?? 2000)
const ONLY = env['PERFECT_SIM_SEED']
// A mistake that only the rarest of stories shows is worth a second.
const MUTANT_SEEDS = 200
const HOUR_MS = 3_600_000
const LIMIT_MS = 300_000 + SEEDS * 100

const corpus = readFileSync(new URL('seeds.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => /^\d/.test(line))
  .map((line) => Number.parseInt(line, 10))

/** What went wrong, and how to see it again. */
function problems({ seed, violations }: Report): readonly string[] {
  const again = `PERFECT_SIM_SEED=${String(seed)} npx vitest run --project core simulation`
  return violations.length === 0 ? [] : [`seed ${String(seed)} (${again})`, ...violations.slice(0, 5)]
}

function everySeed(): void {
  it('keep all promises with the seeds that have found a mistake once', async () => {
    const failures: string[] = []
    for (const seed of corpus) failures.push(...problems(await simulate(seed)))
    expect(failures).toEqual([])
  })

  it(
    'keep all promises, whatever goes wrong when',
    async () => {
      const failures: string[] = []
      const faults = new Map<string, number>()
      let simulatedMs = 0
      for (let seed = FROM; seed < FROM + SEEDS && failures.length < 20; seed++) {
        const report = await simulate(seed)
        failures.push(...problems(report))
        simulatedMs += report.simulatedMs
        for (const [kind, count] of report.faults) faults.set(kind, (faults.get(kind) ?? 0) + count)
      }
      expect(failures).toEqual([])
      // The faults did happen: a simulation in which nothing goes wrong finds nothing.
      for (const kind of ['kill', 'pause', 'partition', 'outage', 'clock-jump', 'restart'])
        expect([kind, (faults.get(kind) ?? 0) > SEEDS / 20]).toEqual([kind, true])
      expect(simulatedMs / HOUR_MS).toBeGreaterThan(SEEDS / 500)
    },
    LIMIT_MS,
  )

  it('go the same way again with the same seed', async () => {
    for (let seed = 1; seed <= 50; seed++) {
      const [first, second] = [await simulate(seed), await simulate(seed)]
      expect([seed, second.hash, second.events]).toEqual([seed, first.hash, first.events])
    }
  })

  it.each(MUTANTS)('are caught when $name', async (mutant) => {
    let caught: Report | undefined
    for (let seed = 1; seed <= MUTANT_SEEDS && caught === undefined; seed++) {
      const report = await simulate(seed, { mutant })
      if (report.violations.length > 0) caught = report
    }
    expect(caught?.violations ?? []).not.toEqual([])
  })
}

function oneSeed(seed: number): void {
  it(`keep all promises with seed ${String(seed)}`, async () => {
    const report = await simulate(seed, { isVerbose: true })
    process.stdout.write(`${report.history.join('\n')}\n`)
    expect(problems(report)).toEqual([])
  })
}

describe('F-01 F-09 F-10 F-11 F-12 F-13 F-15 engines that share a storage while everything goes wrong', () => {
  if (ONLY === undefined) everySeed()
  else oneSeed(Number(ONLY))
})
