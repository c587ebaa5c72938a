import { flow } from '@perfect/core'
import { createPerfectRouter } from '@perfect/http'

import { fileStorage, startEngine } from '../harness/engine.ts'
import { reportFigures } from '../harness/side.ts'
import { fillRuns, measureRequests } from './requests.ts'

await reportFigures(async ({ folder, load }) => {
  await fillRuns(folder)
  const storage = fileStorage(folder)
  const engine = await startEngine(
    storage,
    flow('empty', () => 1),
    // More than ask at once: a run ends after its trigger was answered.
    3 * load.concurrency,
  )
  // The bare routes keep no audit log either. What it costs stands in docs/design/performance.md.
  const router = createPerfectRouter(engine, { audit: false })
  const figures = await measureRequests((request) => router.fetch(request), load)
  await engine.stop()
  return figures
})
