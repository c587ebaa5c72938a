import { Hono } from 'hono'

import type { ApiContext, ApiEnv } from '../api-context.ts'
import { answerTagged } from '../conditional.ts'
import { linkNext, linkRunPages } from '../links.ts'
import { query } from '../query.ts'
import { ROUTES } from '../route-table.ts'
import { declared } from '../route-types.ts'
import { journalPageSchema, timelineSchema } from '../schema/history-schemas.ts'
import { pageQuerySchema } from '../schema/page-schema.ts'
import { explanationSchema } from '../schema/run-action-schemas.ts'
import { runPageSchema } from '../schema/run-schemas.ts'
import { taskListSchema, tasksQuerySchema, type TaskListAnswer } from '../schema/task-column-schemas.ts'
import { toTaskColumns } from '../task-columns.ts'
import { listPage } from './list-page.ts'
import type { HistoryRoutes } from './run-route-types.ts'
import { withinReadable } from './runs-filter.ts'
import { runsPage } from './runs-page.ts'

const DEFAULT_LIMIT = 200

/** What a run has done, and why it is where it is. */
export function historyRoutes({ engine, access }: ApiContext): Hono<ApiEnv, HistoryRoutes> {
  return declared<HistoryRoutes>()(
    new Hono<ApiEnv>()
      .get(ROUTES.listTasks.path, access('listTasks', taskListSchema), query(tasksQuerySchema), async (c) => {
        const tasks = await engine.getRunTasks(c.req.param('runId'))
        const { format, ...place } = c.req.valid('query')
        if (format === 'columns') return answerTagged<TaskListAnswer>(c, toTaskColumns(tasks))
        const page = listPage(tasks, place, ({ key }) => key)
        linkNext(c, 'cursor', page.nextCursor)
        return answerTagged<TaskListAnswer>(c, page)
      })
      .get(
        ROUTES.getJournal.path,
        access('getJournal', journalPageSchema),
        query(pageQuerySchema(DEFAULT_LIMIT)),
        async (c) => {
          const journal = await engine.getRunJournal(c.req.param('runId'))
          const page = listPage(journal, c.req.valid('query'), ({ key }) => key)
          linkNext(c, 'cursor', page.nextCursor)
          return answerTagged(c, page)
        },
      )
      .get(ROUTES.getTimeline.path, access('getTimeline', timelineSchema), async (c) =>
        answerTagged(c, { items: await engine.getRunTimeline(c.req.param('runId')) }),
      )
      .get(ROUTES.listChildren.path, access('listChildren', runPageSchema), query(pageQuerySchema(50)), async (c) => {
        const { id: parentRunId } = await engine.getRun(c.req.param('runId'))
        const page = await runsPage(engine, await withinReadable(c, { parentRunId }), c.req.valid('query'), {
          parentRunId,
        })
        linkRunPages(c, page)
        return answerTagged(c, page)
      })
      .get(ROUTES.explainRun.path, access('explainRun', explanationSchema), async (c) =>
        answerTagged(c, await engine.explainRun(c.req.param('runId'))),
      ),
  )
}
