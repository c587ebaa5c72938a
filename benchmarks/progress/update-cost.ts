import { RunTwin } from '../../packages/core/src/engine/progress/twin/run-twin.ts'
import type { FinishedTask, SeenTask } from '../../packages/core/src/engine/progress/twin/twin-state.ts'

const PAST_RUNS = 50
const UPDATES = 300

/** What one update costs in the middle of a run of so many calls: half have ended, one of four runs. Median. Unit: us. */
export function updateCost(calls: number, keys: number): number {
  const twin = new RunTwin()
  for (let run = 0; run < PAST_RUNS; run++)
    twin.finish({ ok: true, tasks: Array.from({ length: calls }, (_, index) => pastCall(index, run, calls / keys)) })
  const seen = Array.from({ length: calls }, (_, index) => seenCall(index, calls, calls / keys))
  const now = (calls * 100) / 2 + 50
  const times = Array.from({ length: UPDATES }, () => {
    const from = process.hrtime.bigint()
    twin.predict(now, seen, { seed: 7 })
    return Number(process.hrtime.bigint() - from) / 1000
  })
  return times.toSorted((left, right) => left - right)[UPDATES / 2] ?? 0
}

function pastCall(index: number, run: number, perKey: number): FinishedTask {
  const key = Math.floor(index / perKey)
  const start = index * 100
  const end = start + 80 + ((run * 7 + index * 3) % 40)
  const deps = key === 0 ? [] : [`${Math.floor((key - 1) * perKey)}`]
  return { key: `task ${key}`, id: `${index}`, start, end, ok: true, deps }
}

function seenCall(index: number, calls: number, perKey: number): SeenTask {
  const key = `task ${Math.floor(index / perKey)}`
  if (index < calls / 2) return { key, id: `${index}`, state: 'done', start: index * 100, end: index * 100 + 95 }
  if (index < (3 * calls) / 4) return { key, id: `${index}`, state: 'running', start: (calls * 100) / 2 }
  return { key, id: `${index}`, state: 'pending' }
}
