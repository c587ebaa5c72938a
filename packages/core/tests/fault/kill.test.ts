import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import { sqliteStorage } from '@perfect/core/sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

interface Entry {
  readonly runId?: string
  readonly started?: string
  readonly percent?: number
  readonly ready?: boolean
}

const HOST = fileURLToPath(new URL('kill-host.ts', import.meta.url))
const TASKS_PER_RUN = 5
const ORIGINAL = (seed: number): number => [1, 2, 3].reduce((total, n) => total + (seed + 1) * n + 1, 0)

let folder: string
const database = (): string => join(folder, 'perfect.db')
const diary = (): string => join(folder, 'diary.jsonl')

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'perfect-kill-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function startHost(mode: 'start' | 'resume') {
  const child = spawn(process.execPath, ['--conditions=@perfect/source', HOST, database(), diary(), mode], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return { child, exit: once(child, 'exit') as Promise<[number | null, string | null]> }
}

function readDiary(): Entry[] {
  if (!existsSync(diary())) return []
  const lines = readFileSync(diary(), 'utf8').split('\n').slice(0, -1)
  return lines.map((line) => JSON.parse(line) as Entry)
}

async function recordedTasks(): Promise<Set<string>> {
  const storage = sqliteStorage(database())
  await storage.open()
  const runs = await storage.runs.list({ limit: 200 })
  const tasks = await Promise.all(runs.map(({ id }) => storage.tasks.list(id)))
  await storage.close()
  return new Set(tasks.flat().flatMap(({ runId, key, position }) => (position === null ? [] : [`${runId} ${key}`])))
}

describe('F-02 I4 I8 a host that is killed in the middle of 20 runs', () => {
  it('goes on after the restart: all runs succeed, no recorded task runs again, progress never falls', async () => {
    for (const [kill, delayMs] of [250, 60, 120].entries()) {
      const started = readDiary().length
      const host = startHost(kill === 0 ? 'start' : 'resume')
      await expect
        .poll(
          () =>
            readDiary()
              .slice(started)
              .some(({ ready }) => ready),
          { timeout: 10_000 },
        )
        .toBe(true)
      await pause(delayMs)
      host.child.kill('SIGKILL')
      await host.exit
    }
    const recorded = await recordedTasks()
    // The kills came in the middle: some tasks were recorded, others not.
    expect(recorded.size).toBeGreaterThan(0)
    expect(recorded.size).toBeLessThan(20 * TASKS_PER_RUN)
    const before = readDiary().length
    const [exitCode] = await startHost('resume').exit
    expect(exitCode).toBe(0)

    const again = readDiary()
      .slice(before)
      .filter(({ runId, started }) => recorded.has(`${String(runId)} ${String(started)}`))
    expect(again).toEqual([])
    expect(fallsOf(readDiary())).toEqual([])
    const storage = sqliteStorage(database())
    await storage.open()
    const runs = await storage.runs.list({ limit: 200 })
    const results = await Promise.all(
      runs.map(async ({ id }) => [await storage.runs.input(id), await storage.runs.result(id)]),
    )
    await storage.close()
    expect(runs.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 'succeeded'))
    expect(results.filter(([input, result]) => Number(result) !== ORIGINAL(Number(input)))).toEqual([])
  }, 60_000)
})

/** Runs whose progress was seen to fall. */
function fallsOf(entries: readonly Entry[]): readonly Entry[] {
  const last = new Map<string, number>()
  return entries.filter(({ runId, percent }) => {
    if (runId === undefined || percent === undefined) return false
    const isFall = percent < (last.get(runId) ?? 0)
    last.set(runId, percent)
    return isFall
  })
}
