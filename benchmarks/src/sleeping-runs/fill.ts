import { aRun } from '@perfect/core/testing'

import { fileStorage } from '../harness/engine.ts'
import { fill, runIdAt } from '../harness/fill.ts'
import { reportFigures } from '../harness/side.ts'

const DAY_MS = 86_400_000

await reportFigures(async ({ folder, load }) => {
  const now = Date.now()
  await fill(fileStorage(folder), load.runs, (index) =>
    aRun({
      id: runIdAt(now - DAY_MS + index, index),
      flowId: 'sleeper',
      status: 'waiting',
      reason: 'sleep',
      epoch: 1,
      createdAt: now - DAY_MS + index,
      queueAt: now - DAY_MS + index,
      startedAt: now - DAY_MS + index,
      // Spread over a year, the first one tomorrow.
      wakeAt: now + DAY_MS + (index * 364 * DAY_MS) / load.runs,
    }),
  )
  return {}
})
