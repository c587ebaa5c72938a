import { describe, test } from 'vitest'

import { ManualClock } from '../../testing/manual-clock.ts'
import { storageCases } from '../../testing/storage-cases/index.ts'
import { memoryStorage } from './index.ts'

describe('memoryStorage()', () => {
  test.for(storageCases)('$group $title', async (check) => {
    const clock = new ManualClock()
    const storage = memoryStorage({ clock })
    await storage.open()
    await check.run(storage, { clock })
    await storage.close()
  })
})
