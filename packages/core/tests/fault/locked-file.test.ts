import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'

import { sqliteStorage } from '@perfect/core/sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { aRun, create } from '../../src/testing/records.ts'

let folder = ''
const file = (): string => join(folder, 'perfect.db')

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'perfect-locked-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('F-06 a file that others write to', () => {
  it('keeps every commit of eight writers at once', async () => {
    const writers = Array.from({ length: 8 }, () => sqliteStorage(file(), { busyTimeoutMs: 20_000 }))
    for (const writer of writers) await writer.open()
    await Promise.all(
      writers.flatMap((writer, index) =>
        Array.from({ length: 20 }, (_, number) =>
          writer.commit([create(aRun({ id: `run_${String(index)}_${String(number)}` }))]),
        ),
      ),
    )
    expect(await writers[0]?.runs.list({ limit: 1000 })).toHaveLength(160)
    await Promise.all(writers.map((writer) => writer.close()))
  })

  it('does not hold the process up while it waits for the lock', async () => {
    const storage = sqliteStorage(file(), { busyTimeoutMs: 5000 })
    await storage.open()
    const other = new DatabaseSync(file())
    other.exec('BEGIN EXCLUSIVE')
    let turns = 0
    const counting = setInterval(() => turns++, 5)
    const committed = storage.commit([create(aRun())])
    await pause(400)
    // Without a thread of its own the storage would have stopped every turn.
    expect(turns).toBeGreaterThan(10)
    other.exec('ROLLBACK')
    other.close()
    clearInterval(counting)
    expect(await committed).toHaveLength(1)
    await storage.close()
  })
})
