import type { RunStatus } from '@perfect/core'
import { aRun } from '@perfect/core/testing'

import { fileStorage } from '../harness/engine.ts'
import { fill, runIdAt } from '../harness/fill.ts'
import { reportFigures } from '../harness/side.ts'

const HOUR_MS = 3_600_000
// Time between two runs.
const INTERVAL_MS = 20
// Of a thousand: most have succeeded, a few of everything, and none is scheduled.
const SHARES: readonly (readonly [RunStatus, number])[] = [
  ['failed', 30],
  ['cancelled', 10],
  ['waiting', 10],
  ['queued', 5],
  ['retrying', 2],
  ['running', 1],
]
const FINAL: ReadonlySet<RunStatus> = new Set(['succeeded', 'failed', 'cancelled'])

// Evenly spread, and the same in every run of the benchmark.
function statusOf(index: number): RunStatus {
  let rest = (index * 7919) % 1000
  for (const [status, share] of SHARES) {
    if (rest < share) return status
    rest -= share
  }
  return 'succeeded'
}

await reportFigures(async ({ folder, load }) => {
  // The newest has just been made; the others before it, one after the other.
  const start = Date.now() - load.runs * INTERVAL_MS
  await fill(fileStorage(folder), load.runs, (index) => {
    const status = statusOf(index)
    const at = start + index * INTERVAL_MS
    const isFinal = FINAL.has(status)
    return aRun({
      id: runIdAt(at, index),
      flowId: `flow-${String((index * 31) % 23)}`,
      configuration: index % 50_000 === 0 ? 'development' : index % 10 === 0 ? 'debug' : 'release',
      trigger: { kind: index % 100_000 === 1 ? 'retry' : index % 5 === 0 ? 'schedule' : 'api', by: null },
      tags: index % 20 === 0 ? ['nightly'] : [],
      attributes: index % 4 === 0 ? { customer: `c-${String((index * 17) % 5000)}` } : {},
      status,
      createdAt: at,
      queueAt: at,
      startedAt: status === 'queued' ? null : at + 5,
      finishedAt: isFinal ? at + 900 : null,
      wakeAt: status === 'waiting' || status === 'retrying' ? at + 1000 * HOUR_MS : null,
      epoch: 1,
      engineId: status === 'running' ? 'eng_1' : null,
      progress: status === 'succeeded' ? 1 : 0.4,
    })
  })
  return {}
})
