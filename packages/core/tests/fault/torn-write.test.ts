import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { sqliteStorage } from '@perfect/core/sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { aHeldRun, aLogLine, append, aTask, create, put } from '../../src/testing/records.ts'

// What disks write whole.
const SECTOR = 512
let folder = ''
const file = (name: string): string => join(folder, name)

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'perfect-torn-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Numbers of the runs of a file, each of which must be whole. */
function wholeRuns(database: string): readonly unknown[] {
  const connection = new DatabaseSync(database)
  expect(connection.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }])
  const runs = connection
    .prepare(
      `SELECT created_at AS number, (SELECT count(*) FROM tasks WHERE run_id = id) AS tasks,
        (SELECT count(*) FROM logs WHERE run_id = id) AS logs,
        (SELECT length(value) FROM run_inputs WHERE run_id = id) AS input FROM runs ORDER BY created_at`,
    )
    .all()
  connection.close()
  expect(runs.filter(({ tasks, logs, input }) => tasks !== 2 || logs !== 1 || input !== 3000)).toEqual([])
  return runs.map(({ number }) => number)
}

/** A file with five commits and a sixth; gives the sizes of its log around the sixth. */
async function sixCommits(): Promise<{ readonly from: number; readonly to: number }> {
  const storage = sqliteStorage(file('perfect.db'))
  await storage.open()
  let from = 0
  for (let number = 1; number <= 6; number++) {
    from = number === 6 ? statSync(file('perfect.db-wal')).size : 0
    const runId = `run_${String(number)}`
    const fence = { runId, epoch: 1, engineId: 'eng_1' }
    await storage.commit([
      create(aHeldRun({ id: runId, createdAt: number }), 'x'.repeat(3000)),
      put(aTask({ runId, key: 'a', seq: 1 }), fence),
      put(aTask({ runId, key: 'b', seq: 2, position: 2 }), fence),
      append([aLogLine()], { runId }),
    ])
  }
  const to = statSync(file('perfect.db-wal')).size
  // As the power would leave it: not closed.
  copyFileSync(file('perfect.db'), file('base.db'))
  copyFileSync(file('perfect.db-wal'), file('base.wal'))
  await storage.close()
  return { from, to }
}

/** The runs of a copy whose log is as given. */
function runsWithLog(log: Uint8Array): readonly unknown[] {
  rmSync(file('torn.db'), { force: true })
  if (existsSync(file('torn.db-shm'))) rmSync(file('torn.db-shm'))
  copyFileSync(file('base.db'), file('torn.db'))
  writeFileSync(file('torn.db-wal'), log)
  return wholeRuns(file('torn.db'))
}

describe('F-04 a commit that the power has cut', () => {
  it('is not there at all, wherever it was cut; all commits before it are', async () => {
    const { from, to } = await sixCommits()
    const log = readFileSync(file('base.wal'))
    expect(to - from).toBeGreaterThan(4 * SECTOR)
    for (let cut = from; cut < to; cut += SECTOR) expect(runsWithLog(log.subarray(0, cut))).toEqual([1, 2, 3, 4, 5])
    expect(runsWithLog(log)).toEqual([1, 2, 3, 4, 5, 6])
  }, 60_000)

  it('is not there when a sector of it holds something else', async () => {
    const { from, to } = await sixCommits()
    for (let place = from; place < to; place += 8 * SECTOR) {
      const log = readFileSync(file('base.wal'))
      log.fill(0xa5, place, Math.min(to, place + SECTOR))
      expect(runsWithLog(log)).toEqual([1, 2, 3, 4, 5])
    }
  }, 60_000)
})
