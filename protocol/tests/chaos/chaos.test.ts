/*
 * Python workers run flows behind a proxy that breaks their connections, while they are killed, stopped and ended. PERFECT_CHAOS_SECONDS
 * makes it last longer than the few seconds of each carrier, PERFECT_CHAOS_SEED makes other choices.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import { FlowEngine, type RunHandle } from '@perfect/core'
import { serve } from '@perfect/http/node'
import { describe, expect, test } from 'vitest'

import { examine, type Findings } from './examine-runs.ts'
import { FaultyProxy } from './faulty-proxy.ts'
import { WorkerGroup } from './worker-group.ts'

const SECONDS = Number(process.env['PERFECT_CHAOS_SECONDS'] ?? 5)
const SEED = Number(process.env['PERFECT_CHAOS_SEED'] ?? 7)
const LEASE_MS = 1500
const WORKERS = 3
const OPEN_RUNS = 20
const SETTLE_SECONDS = 60

const KINDS = [
  ['websocket', 'thread'],
  ['http', 'thread'],
  ['websocket', 'process'],
] as const

describe.each(KINDS)('workers that are connected by %s and run each flow in a %s', (carrier, isolation) => {
  test(
    'lose no run, no log line and no result, and record nothing twice, whatever breaks',
    async () => {
      const findings = await wreak(carrier, isolation, randomOf(SEED))
      console.log(`chaos over ${carrier} in a ${isolation}, seed ${String(SEED)}: ${JSON.stringify(findings)}`)
      expect(findings.runs).toBeGreaterThanOrEqual(OPEN_RUNS)
      expect(findings.proxy.resets * findings.workers.killed * findings.workers.stopped).toBeGreaterThan(0)
      const { unfinished, wrongResults, duplicateRecords, missingRecords, lostLines, doubleLines, neverDone } = findings
      expect({ unfinished, wrongResults, duplicateRecords, missingRecords, lostLines, doubleLines, neverDone }).toEqual(
        {
          unfinished: [],
          wrongResults: [],
          duplicateRecords: [],
          missingRecords: [],
          lostLines: [],
          doubleLines: [],
          neverDone: [],
        },
      )
    },
    (SECONDS + SETTLE_SECONDS + 30) * 1000,
  )
})

interface Wreckage extends Findings {
  readonly proxy: FaultyProxy['counts']
  readonly workers: WorkerGroup['counts']
}

async function wreak(carrier: string, isolation: string, random: () => number): Promise<Wreckage> {
  const folder = mkdtempSync(join(tmpdir(), 'perfect-chaos-'))
  const engine = new FlowEngine({ leaseMs: LEASE_MS, onError: () => undefined })
  const server = await serve(engine, { port: 0 })
  const proxy = new FaultyProxy(Number(new URL(server.url).port), random)
  const effects = join(folder, 'effects')
  const workers = new WorkerGroup(WORKERS, [await proxy.listen(), carrier, isolation, effects], random)
  try {
    await expect.poll(() => engine.workers.workersFor('chaos'), { timeout: 30_000 }).toBe(WORKERS)
    proxy.harm({ lifeMs: 800, holes: 0.25, holeMs: 1500 })
    const runs = await harmFor(SECONDS * 1000, engine, workers, random)
    proxy.harm(null)
    workers.calm()
    await Promise.race([Promise.allSettled(runs.map((run) => run.result())), delay(SETTLE_SECONDS * 1000)])
    const found = await examine(engine, runs, readFileSync(effects, 'utf8'))
    return { ...found, proxy: proxy.counts, workers: workers.counts }
  } finally {
    workers.kill()
    await proxy.close()
    await server.close()
    await engine.stop({ drainMs: 0 })
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Triggers runs, so that there is always something to do, and harms the workers meanwhile. */
async function harmFor(
  ms: number,
  engine: FlowEngine,
  workers: WorkerGroup,
  random: () => number,
): Promise<readonly RunHandle[]> {
  const runs: RunHandle[] = []
  const end = performance.now() + ms
  let open = 0
  let harmAt = performance.now() + 500
  while (performance.now() < end) {
    for (; open < OPEN_RUNS; open++) {
      const run = await engine.triggerFlow('chaos', { input: { seed: runs.length + 1 } })
      runs.push(run)
      void run.result().then(
        () => open--,
        () => open--,
      )
    }
    await delay(20)
    if (performance.now() < harmAt) continue
    workers.harm()
    harmAt = performance.now() + 200 + random() * 400
  }
  return runs
}

/** The same numbers for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
