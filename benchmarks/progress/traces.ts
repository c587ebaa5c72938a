import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

import type { SeenTask } from '../../packages/core/src/engine/progress/twin/twin-state.ts'

/** One recorded call. Times since the run started. Unit: ms. */
export interface TracedTask {
  readonly key: string
  readonly id: string
  readonly start: number
  readonly end: number
  readonly ok: boolean
  readonly deps: readonly string[]
  /** What it told, and when. */
  readonly told: readonly (readonly [at: number, fraction: number])[]
}

/** One recorded run. */
export interface TracedRun {
  readonly flow: string
  /** Unit: ms since 1970 UTC. */
  readonly startedAt: number
  readonly total: number
  readonly ok: boolean
  readonly tasks: readonly TracedTask[]
}

interface StoredTask {
  readonly id: string
  readonly key: string
  readonly s: number
  readonly e: number
  readonly ok?: boolean
  readonly deps: readonly string[]
  readonly p?: TracedTask['told']
}

interface StoredRun {
  readonly flow?: string
  readonly cfg?: string
  readonly start?: number
  readonly at?: number
  readonly ok?: boolean
  readonly total: number
  readonly tasks: readonly StoredTask[]
}

const GZIP_STARTS_WITH = 0x1f

export const TRACES = ['linkerd-ci', 'local-etl'] as const

/** The runs of a trace in the order in which they started. */
export function readTrace(name: (typeof TRACES)[number]): readonly TracedRun[] {
  // CI systems tell seconds, our own recording tells milliseconds.
  return readTraceFile(new URL(`traces/${name}.jsonl.gz`, import.meta.url), name === 'linkerd-ci' ? 1000 : 1)
}

/**
 * The runs of a file with one run a line, packed or not, in the order in which they started.
 *
 * @param unit - what its times count. Unit: ms.
 */
export function readTraceFile(file: string | URL, unit: number): readonly TracedRun[] {
  const stored = readFileSync(file)
  const text = stored[0] === GZIP_STARTS_WITH ? gunzipSync(stored) : stored
  const lines = text.toString('utf8').trim().split('\n')
  const runs = lines.map((line) => toRun(JSON.parse(line) as StoredRun, unit))
  return runs.toSorted((left, right) => left.startedAt - right.startedAt)
}

function toRun({ flow, cfg = '', start, at = 0, ok = true, total, tasks }: StoredRun, unit: number): TracedRun {
  return {
    flow: flow ?? cfg,
    startedAt: start === undefined ? at : start * unit,
    total: total * unit,
    ok,
    tasks: tasks.map((task) => ({
      key: task.key,
      id: task.id,
      start: task.s * unit,
      end: task.e * unit,
      ok: task.ok ?? true,
      deps: task.deps,
      told: task.p ?? [],
    })),
  }
}

/** What could be seen of a run: a task is known once all that it waits for has ended. */
export function seenAt(run: TracedRun, now: number, withReports: boolean): readonly SeenTask[] {
  const ended = new Set(run.tasks.filter(({ end }) => end <= now).map(({ id }) => id))
  return run.tasks.flatMap(({ key, id, start, end, deps, told }): SeenTask[] => {
    if (end <= now) return [{ key, id, state: 'done', start, end }]
    if (start > now) return deps.every((dep) => ended.has(dep)) ? [{ key, id, state: 'pending' }] : []
    const last = withReports ? told.findLast(([at]) => at <= now) : undefined
    return [{ key, id, state: 'running', start, ...(last && { fraction: last[1] }) }]
  })
}
