import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, test } from 'vitest'

import { ManualClock } from '../../testing/manual-clock.ts'
import { storageCases } from '../../testing/storage-cases/index.ts'
import { sqliteStorage } from './index.ts'

let folder = ''
let files = 0
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perfect-sqlite-'))
})
afterAll(async () => {
  await rm(folder, { recursive: true })
})

describe('sqliteStorage()', () => {
  test.concurrent.for(storageCases)('$group $title', async (check) => {
    const clock = new ManualClock()
    const storage = sqliteStorage(join(folder, `${String(++files)}.db`), { clock })
    await storage.open()
    await check.run(storage, { clock })
    await storage.close()
  })
})
