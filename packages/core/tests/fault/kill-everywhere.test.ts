import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'

import { FlowEngine } from '@perfect/core'
import { sqliteStorage } from '@perfect/core/sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { goOn, JOURNEY_RESULT, type JourneyEntry } from './journey.ts'

const HOST = fileURLToPath(new URL('journey-host.ts', import.meta.url))
const MAX_POINTS = 100
// As many at a time as a small machine has cores.
const PROCESSES = 2

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'perfect-points-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Kills a process at one of its commits; gives how it ended. */
async function killAt(name: string, moment: string, point: number): Promise<string | null> {
  const args = ['--conditions=@perfect/source', HOST, join(folder, `${name}.db`), join(folder, name), moment]
  // The same code is loaded in every process: it is compiled once.
  const env = { ...process.env, NODE_COMPILE_CACHE: join(folder, 'compiled') }
  const child = spawn(process.execPath, [...args, String(point)], { stdio: ['ignore', 'ignore', 'inherit'], env })
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null]
  return signal
}

function readDiary(name: string): readonly JourneyEntry[] {
  const path = join(folder, name)
  if (!existsSync(path)) return []
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1)
  return lines.map((line) => JSON.parse(line) as JourneyEntry)
}

/** What is stored when the process is dead: the file is sound, and has all that was acknowledged. */
async function lookAtRemains(name: string) {
  const path = join(folder, `${name}.db`)
  const connection = new DatabaseSync(path)
  expect(connection.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
  connection.close()
  const storage = sqliteStorage(path)
  await storage.open()
  const runs = await storage.runs.list({ limit: 10 })
  const records = (await Promise.all(runs.map(({ id }) => storage.tasks.list(id)))).flat()
  const signals = (await Promise.all(runs.map(({ id }) => storage.signals.list(id)))).flat()
  await storage.close()
  const acknowledged = readDiary(name).flatMap((entry) =>
    'triggered' in entry ? [entry.triggered] : 'sent' in entry ? [entry.sent] : [],
  )
  const stored = new Set([...runs, ...signals].map(({ id }) => id))
  expect([name, acknowledged.filter((id) => !stored.has(id))]).toEqual([name, []])
  const recorded = records.flatMap(({ runId, key, position }) => (position === null ? [] : [`${runId} ${key}`]))
  return new Set(recorded)
}

/** The next process goes on to the end; gives the tasks that it started. */
async function recover(name: string): Promise<readonly string[]> {
  const started: string[] = []
  const engine = new FlowEngine({ storage: sqliteStorage(join(folder, `${name}.db`)), parkAfterMs: 60_000 })
  const seen = new Map<string, number>()
  engine.on('run.updated', ({ id, progress: { percent } }) => {
    expect([id, percent >= (seen.get(id) ?? 0)]).toEqual([id, true])
    seen.set(id, percent)
  })
  const run = await goOn(engine, (entry) => void ('started' in entry && started.push(entry.started)))
  expect([name, await run.result()]).toEqual([name, JOURNEY_RESULT])
  const runs = (await engine.getRuns()).items
  expect(runs.map(({ flowId, status }) => `${flowId} ${status}`).toSorted()).toEqual([
    'journey succeeded',
    'part succeeded',
  ])
  await engine.stop()
  return started
}

describe('F-01 a process that is killed at any point of the journal', () => {
  it.each(['before', 'after'])(
    '%s any commit: what was acknowledged is there, what is recorded is not done again, and all ends well',
    async (moment) => {
      let killed = 0
      const killNext = async (point: number): Promise<void> => {
        const name = `${moment} ${String(point)}`
        // A process that lives has passed all of its points.
        if ((await killAt(name, moment, point)) === null) return
        killed++
        const recorded = await lookAtRemains(name)
        const started = await recover(name)
        expect([name, started.filter((key) => recorded.has(key))]).toEqual([name, []])
        if (point < MAX_POINTS) await killNext(point + PROCESSES)
      }
      await Promise.all(Array.from({ length: PROCESSES }, (_, index) => killNext(index + 1)))
      expect(killed).toBeGreaterThan(15)
      expect(killed).toBeLessThan(MAX_POINTS)
    },
    120_000,
  )
})
