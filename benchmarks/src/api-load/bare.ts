import { Hono } from 'hono'

import { Floor, floorRunId } from '../floor/floor.ts'
import { fileStorage } from '../harness/engine.ts'
import { reportFigures } from '../harness/side.ts'
import { fillRuns, measureRequests } from './requests.ts'

await reportFigures(async ({ folder, load }) => {
  await fillRuns(folder)
  const storage = fileStorage(folder)
  await storage.open()
  const floor = new Floor(folder)
  const ends: Promise<void>[] = []
  const app = new Hono()
    .get('/engine/runs', async (c) => c.json({ items: (await storage.runs.list({ limit: 51 })).slice(0, 50) }))
    .get('/engine/runs/:runId', async (c) => {
      const id = c.req.param('runId')
      const [run, tasks, input, result, logLines] = await Promise.all([
        storage.runs.get(id),
        storage.tasks.list(id),
        storage.runs.input(id),
        storage.runs.result(id),
        storage.logs.count(id),
      ])
      return c.json({ run, tasks, input, result, logLines })
    })
    .post('/engine/trigger/empty', async (c) => {
      const id = floorRunId(ends.length)
      const body: unknown = await c.req.json()
      const created = floor.createRunFor(id, JSON.stringify(body), id.slice(-24))
      // The run, too, ends after its trigger was answered.
      ends.push(created.then(() => floor.finishRun(id, 0, '1')))
      await created
      return c.json({ run: { id } }, 202)
    })
  const figures = await measureRequests((request) => app.fetch(request), load)
  await Promise.all(ends)
  await floor.close(ends.length, 0)
  await storage.close()
  return figures
})
