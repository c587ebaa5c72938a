import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import { expect, onTestFinished, test } from 'vitest'

import { percentileOf } from '../time-classes.ts'
import { sqliteStorage } from './index.ts'
import { MIGRATIONS } from './migrations/index.ts'

test('goes on with the figures that the first schema has counted', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'perfect-migrate-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const path = join(folder, 'perfect.db')
  const first = new DatabaseSync(path)
  first.exec(MIGRATIONS[0] ?? '')
  first.exec('PRAGMA application_id = 0x50524654; PRAGMA user_version = 1')
  const row = first.prepare("INSERT INTO run_stats VALUES (?, ?, 'release', ?, ?, ?, 5, ?)")
  row.run(0, 'etl', 'succeeded', 2, 120, '[0,0,0,0,0,0,0,0,0,0,0,0,2]')
  row.run(3_600_000, 'etl', 'succeeded', 1, 1, '[1]')
  row.run(3_600_000, 'report', 'failed', 3, 0, '[]')
  first.close()

  const storage = sqliteStorage(path)
  onTestFinished(() => storage.close())
  await storage.open()
  expect(await storage.stats.counts()).toEqual({ succeeded: 3, failed: 3 })
  const read = async (query: object) =>
    (await storage.stats.runs({ span: 'hour', from: 0, before: 1e9, ...query })).map(
      ({ from, flowId, status, runs, durationMs, durations }) =>
        [from, flowId, status, runs, durationMs, Math.round(percentileOf(durations, 1) ?? -1)] as const,
    )
  const early = [0, 'etl', 'succeeded', 2, 120, 59] as const
  const late = [3_600_000, 'etl', 'succeeded', 1, 1, 1] as const
  expect(await read({ flowId: 'etl' })).toEqual([early, late])
  expect(await read({ flowId: 'etl', span: 'day' })).toEqual([[0, 'etl', 'succeeded', 3, 121, 59]])
  expect(await read({ flowId: null })).toEqual([
    [0, null, 'succeeded', 2, 120, 59],
    [3_600_000, null, 'failed', 3, 0, -1],
    [3_600_000, null, 'succeeded', 1, 1, 1],
  ])
})
