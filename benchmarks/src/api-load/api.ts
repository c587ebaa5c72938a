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
  const router = createPerfectRouter(engine)
  const figures = await measureRequests((request) => router.fetch(request), load)
  await engine.stop()
  return figures
})
