import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'

import { sqliteStorage } from '@perfect/core/sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const HOST = fileURLToPath(new URL('commit-host.ts', import.meta.url))
const NODE = [process.execPath, '--conditions=@perfect/source', HOST] as const

let folder = ''
const database = (): string => join(folder, 'perfect.db')

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'perfect-crash-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

interface Host {
  readonly child: ChildProcess
  /** What it has written so far. */
  readonly lines: string[]
  /** Its exit code, null when it was killed. */
  readonly ended: Promise<number | null>
}

function startHost(
  args: readonly string[],
  onLine: (host: Host) => void = () => undefined,
  prefix: readonly string[] = [],
): Host {
  const [command = '', ...rest] = [...prefix, ...NODE, database(), ...args]
  const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines: string[] = []
  const ended = once(child, 'close').then(([code]) => code as number | null)
  const host = { child, lines, ended }
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line)
    onLine(host)
  })
  return host
}

/** The numbers of the stored runs, after a check that each is whole and the file is sound. */
async function storedRuns(): Promise<readonly number[]> {
  const storage = sqliteStorage(database())
  await storage.open()
  const runs = await storage.runs.list({ limit: 100_000 })
  for (const { id } of runs) {
    const keys = (await storage.tasks.list(id)).map(({ key }) => key)
    expect([id, keys, await storage.logs.count(id)]).toEqual([id, ['a', 'b'], 2])
    expect(await storage.runs.input(id)).not.toBeNull()
  }
  await storage.close()
  const connection = new DatabaseSync(database())
  expect(connection.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }])
  connection.close()
  return runs.map(({ createdAt }) => createdAt).toSorted((left, right) => left - right)
}

describe('F-01 I8 a process that is killed while it commits', () => {
  test('leaves what was acknowledged, and of the commit in flight all or nothing', async () => {
    let next = 0
    for (const kills of [1, 30, 7, 60]) {
      const host = startHost([String(next)], ({ child, lines }) => {
        if (lines.length === kills) child.kill('SIGKILL')
      })
      expect(await host.ended).toBeNull()
      const acknowledged = next + host.lines.length
      const stored = await storedRuns()
      expect(stored).toEqual(Array.from({ length: stored.length }, (_, number) => number))
      expect(stored.length - acknowledged).toBeOneOf([0, 1])
      next = stored.length
    }
  })
})

describe('F-28 processes that open the same new file at once', () => {
  test('let one make the schema and then all work with it', async () => {
    const hosts = [0, 1, 2, 3].map((index) => startHost([String(index * 5), '5']))
    expect(await Promise.all(hosts.map(({ ended }) => ended))).toEqual([0, 0, 0, 0])
    expect(await storedRuns()).toEqual(Array.from({ length: 20 }, (_, number) => number))
  })
})

describe('F-05 a file that may not grow any more', () => {
  // A limit of the operating system on the size of a file stands for a full disk.
  const LIMITED = ['/bin/sh', '-c', 'ulimit -f 1200 && exec "$@"', 'sh'] as const

  test('refuses commits as STORAGE_UNAVAILABLE and keeps what was acknowledged', async () => {
    const host = startHost(['0', '200', '20000'], undefined, LIMITED)
    expect(await host.ended).toBe(3)
    expect(host.lines.at(-1)).toBe('STORAGE_UNAVAILABLE')
    const acknowledged = host.lines.slice(0, -1).map(Number)
    expect(acknowledged.length).toBeGreaterThan(5)
    expect(await storedRuns()).toEqual(acknowledged)
  })
})

describe('a process that does not close its storage', () => {
  test('ends by itself once nothing is asked of it', async () => {
    expect(await startHost(['0', '3']).ended).toBe(0)
    expect(await storedRuns()).toEqual([0, 1, 2])
  })
})
