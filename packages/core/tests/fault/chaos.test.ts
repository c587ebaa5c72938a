import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import { sqliteStorage } from '@perfect/core/sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import type { RunRecord, TaskRecord } from '../../src/storage/records.ts'

const HOST = fileURLToPath(new URL('chaos-host.ts', import.meta.url))
const HOSTS = 3
const RUNS = 40
const CHAOS_MS = 5000
const RESULT = (seed: number): number => [1, 2, 3].reduce((total, n) => total + seed * n + 1, 0)

interface Entry {
  readonly runId?: string
  readonly started?: string
  readonly recorded?: string
  readonly epoch?: number
  readonly percent?: number
  readonly pid?: number
  readonly status?: string
}

let folder: string
const children = new Set<ChildProcess>()
const path = (name: string): string => join(folder, name)

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'perfect-chaos-'))
})
afterEach(async () => {
  await Promise.all([...children].map(kill))
  rmSync(folder, { recursive: true, force: true })
})

function startHost(): ChildProcess {
  const args = ['--conditions=@perfect/source', HOST, path('perfect.db'), path('diary.jsonl'), String(RUNS)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  children.add(child)
  return child
}

async function kill(child: ChildProcess): Promise<void> {
  children.delete(child)
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

function diary(): readonly Entry[] {
  if (!existsSync(path('diary.jsonl'))) return []
  const lines = readFileSync(path('diary.jsonl'), 'utf8').split('\n').slice(0, -1)
  return lines.map((line) => JSON.parse(line) as Entry)
}

/** Kills hosts at random instants, while one stands still for longer than its lease, as a zombie does. */
async function cause(): Promise<{ readonly kills: number }> {
  const zombie = startHost()
  await standStill(zombie)
  for (let index = 1; index < HOSTS; index++) startHost()
  const end = performance.now() + CHAOS_MS
  let kills = 0
  while (performance.now() < end) {
    await pause(100 + Math.random() * 500)
    const others = [...children].filter((child) => child !== zombie)
    const victim = others[Math.floor(Math.random() * others.length)]
    if (victim === undefined) continue
    await kill(victim)
    kills++
    startHost()
  }
  zombie.kill('SIGCONT')
  return { kills }
}

/** Stops a host that is alone, with runs in its hands but not within a transaction, for nobody could write then. */
async function standStill(host: ChildProcess): Promise<void> {
  for (;;) {
    await expect.poll(running, { timeout: 20_000 }).toBeGreaterThan(3)
    host.kill('SIGSTOP')
    if (running() > 0 && isWritable()) return
    host.kill('SIGCONT')
    await pause(20)
  }
}

const running = (): number =>
  [
    ...new Map(
      diary()
        .map(({ runId, status }) => [runId, status] as const)
        .filter(([, status]) => status !== undefined),
    ).values(),
  ].filter((status) => status === 'running').length

function isWritable(): boolean {
  const connection = new DatabaseSync(path('perfect.db'), { timeout: 100 })
  try {
    connection.exec('BEGIN IMMEDIATE; ROLLBACK')
    return true
  } catch {
    return false
  } finally {
    connection.close()
  }
}

interface Stored {
  readonly run: RunRecord
  readonly input: number
  readonly result: number
  readonly tasks: readonly TaskRecord[]
}

async function stored(): Promise<readonly Stored[]> {
  const storage = sqliteStorage(path('perfect.db'))
  await storage.open()
  const runs = await storage.runs.list({ limit: 1000 })
  const found = await Promise.all(
    runs.map(async (run) => {
      const [input, result] = await Promise.all([storage.runs.input(run.id), storage.runs.result(run.id)])
      return { run, input: Number(input), result: Number(result), tasks: await storage.tasks.list(run.id) }
    }),
  )
  await storage.close()
  return found
}

describe('F-02 F-13 F-28 engines of several processes on one file', () => {
  it('end each run exactly once, whoever is killed or stands still when, and run no recorded task again', async () => {
    const { kills } = await cause()
    expect(kills).toBeGreaterThan(3)
    await expect
      .poll(async () => (await stored()).filter(({ run }) => run.finishedAt !== null).length, {
        timeout: 20_000,
        interval: 300,
      })
      .toBe(RUNS)
    await Promise.all([...children].map(kill))

    const runs = await stored()
    expect(runs.map(({ run }) => run.status)).toEqual(Array.from({ length: RUNS }, () => 'succeeded'))
    expect(runs.map(({ input }) => input).toSorted((a, b) => a - b)).toEqual(runs.map((_, index) => index))
    // The faults did hit: some runs were taken over with records of their own.
    expect(Math.max(...runs.map(({ run }) => run.epoch))).toBeGreaterThan(1)
    expect(runs.filter(({ input, result }) => result !== RESULT(input))).toEqual([])
    expect(repeated(diary(), runs)).toEqual([])
    expect(falls(diary())).toEqual([])
    const connection = new DatabaseSync(path('perfect.db'))
    expect(connection.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }])
    connection.close()
  }, 60_000)
})

/** Attempts that began after the record of their task was told, by somebody who must have known it. */
function repeated(entries: readonly Entry[], runs: readonly Stored[]): readonly Entry[] {
  const epochs = new Map(runs.flatMap(({ tasks }) => tasks.map(({ runId, key, epoch }) => [`${runId} ${key}`, epoch])))
  const recorded = new Set<string>()
  return entries.filter(({ runId, started, recorded: key, epoch = 0 }) => {
    if (key !== undefined) recorded.add(`${String(runId)} ${key}`)
    const name = `${String(runId)} ${String(started)}`
    return started !== undefined && recorded.has(name) && epoch >= (epochs.get(name) ?? Infinity)
  })
}

/** Progress that one process has shown to fall. */
function falls(entries: readonly Entry[]): readonly Entry[] {
  const last = new Map<string, number>()
  return entries.filter(({ runId, pid, percent }) => {
    if (percent === undefined) return false
    const name = `${String(pid)} ${String(runId)}`
    const before = last.get(name) ?? 0
    last.set(name, percent)
    return percent < before
  })
}
