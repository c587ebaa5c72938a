/* What is compared: each says how long a run still takes, from what can be seen of it and from runs that had ended before it started. */
import { announcedCalls, mapsAt } from '../../packages/core/src/engine/progress/announced-calls.ts'
import { inOrder, mostAtOnce } from '../../packages/core/src/engine/progress/twin-calls.ts'
import { RunTwin } from '../../packages/core/src/engine/progress/twin/run-twin.ts'
import type { SeenTask } from '../../packages/core/src/engine/progress/twin/twin-state.ts'
import type { TracedRun } from './traces.ts'

/** One forecast. Unit: ms. */
export interface Forecasted {
  readonly median: number
  readonly low: number | null
  readonly high: number | null
  /** Of the run, as the forecaster sees it. */
  readonly phase: number
  /** Tells the forecaster what was left in truth, once the run has ended. */
  readonly judge?: (actual: number) => void
}

/** A way to estimate. */
export interface Forecaster {
  readonly name: string
  readonly learn: (run: TracedRun) => void
  /** Begins a run. @returns The forecast of its rest at an instant. */
  readonly watch: (seed: number, run: TracedRun) => (now: number, seen: readonly SeenTask[]) => Forecasted | null
}

/** The module itself. */
export function runTwin(): Forecaster {
  const twin = new RunTwin()
  return {
    name: 'RunTwin (the module)',
    learn: (run) => twin.finish(run),
    watch: (seed) => (now, seen) => {
      const forecast = twin.predict(now, seen, { seed })
      return forecast && { ...forecast, judge: (actual) => twin.calibrate(forecast, actual) }
    },
  }
}

/** The module with what an engine knows of a run: no call before it starts, and what follows what by times alone. */
export function runTwinOfEngine(): Forecaster {
  const twin = new RunTwin()
  let lanes = 1
  return {
    name: 'RunTwin, by what an engine sees',
    learn: ({ ok, tasks, total }) => {
      const calls = inOrder(asCalls(tasks))
      if (ok) lanes = Math.max(lanes, mostAtOnce(calls))
      twin.finish({ ok, tasks: calls, total })
    },
    watch: (seed, run) => {
      const maps = mapsOf(run)
      return (now, seen) => {
        const started = seen
          .filter(({ state }) => state !== 'pending')
          .map((task) => ({ ...task, id: asCall(task.id) }))
        const begun = new Map([...maps].filter(([path]) => started.some(({ id }) => id.startsWith(`${path}[`))))
        const announced = announcedCalls(begun, started, [])
        const forecast = twin.predict(now, started, { seed, lanes, listed: 'started', announced })
        return forecast && { ...forecast, judge: (actual) => twin.calibrate(forecast, actual) }
      }
    },
  }
}

/** How many items the maps of a run have: a map says so when it begins. */
function mapsOf({ tasks }: TracedRun): ReadonlyMap<string, number> {
  return mapsAt(inOrder(asCalls(tasks)), Infinity)
}

/** As an engine names its calls: `pack[3]` is a call in an item of a map. */
export function asCalls(tasks: TracedRun['tasks']): TracedRun['tasks'] {
  return tasks.map((task) => ({ ...task, id: asCall(task.id) }))
}

function asCall(id: string): string {
  const [, map, item] = /^(.+)\[(.+)\]$/.exec(id) ?? []
  return map === undefined || item === undefined ? `${id}#1` : `${map}#1[${item}]/${map}#1`
}

/** Mean of the last runs, minus what has passed. */
export function meanOfLast(name: string, count: number): Forecaster {
  const totals: number[] = []
  return {
    name,
    learn: ({ ok, total }) => void (ok && totals.push(total)),
    watch: () => {
      const last = totals.slice(-count)
      const mean = last.reduce((sum, total) => sum + total, 0) / last.length
      return (now) => (last.length === 0 ? null : only(Math.max(0, mean - now)))
    },
  }
}

/** Part of the known tasks that is done, extrapolated. */
export function linearSteps(): Forecaster {
  return {
    name: 'tasks done / known, extrapolated',
    learn: () => {},
    watch: () => (now, seen) => extrapolated(now, seen.filter(({ state }) => state === 'done').length / seen.length),
  }
}

/** Learned weights with the elapsed part of running tasks, extrapolated. @param smoothing Part of a new value that counts. */
export function linearWeights(name: string, smoothing: number): Forecaster {
  const times = new Map<string, number>()
  return {
    name,
    learn: ({ ok, tasks }) => {
      for (const { key, start, end } of ok ? tasks : [])
        times.set(key, (times.get(key) ?? end - start) * 0.7 + 0.3 * (end - start))
    },
    watch: () => {
      let shown: number | null = null
      return (now, seen) => {
        const next = extrapolated(now, weightDone(times, now, seen))
        shown = shown === null || next === null ? (next?.median ?? null) : shown + smoothing * (next.median - shown)
        return shown === null ? null : only(shown)
      }
    },
  }
}

function weightDone(times: ReadonlyMap<string, number>, now: number, seen: readonly SeenTask[]): number {
  let [done, all] = [0, 0]
  const keys = new Set(seen.map(({ key }) => key))
  for (const [key, time] of times) if (!keys.has(key)) all += time
  for (const { key, state, start = 0 } of seen) {
    const time = times.get(key) ?? 1
    all += time
    if (state === 'done') done += time
    else if (state === 'running') done += Math.min(0.95 * time, now - start)
  }
  return done / all
}

function extrapolated(now: number, part: number): Forecasted | null {
  return part > 0 ? only((now * (1 - part)) / part) : null
}

function only(median: number): Forecasted {
  return { median, low: null, high: null, phase: 0 }
}
