import type { CheckSchedule, NewScheduleOptions, ScheduleAction, ScheduleOptions, ScheduleView } from '@perfect/core'
import { Hono, type Context } from 'hono'

import type { ApiContext, ApiEnv } from '../api-context.ts'
import { answerTagged, readIfMatch, twoPartTag } from '../conditional.ts'
import { siblingPath } from '../links.ts'
import { guardOf, shownOf } from '../permit/flow-guard.ts'
import { flowIdOf } from '../permit/guard-route.ts'
import { scheduleFor } from '../permit/with-actions.ts'
import { query } from '../query.ts'
import { ROUTES } from '../route-table.ts'
import { answer, declared } from '../route-types.ts'
import type { Can } from '../schema/action-schemas.ts'
import type { ListAnswer } from '../schema/page-schema.ts'
import { runAnswerSchema, emptyBodySchema, type RunAnswer } from '../schema/run-schemas.ts'
import {
  flowParameterSchema,
  newScheduleBodySchema,
  pauseScheduleBodySchema,
  scheduleAnswerSchema,
  scheduleBodySchema,
  scheduleListSchema,
  skipScheduleBodySchema,
  timeListSchema,
  timesQuerySchema,
  type ScheduleAnswer,
} from '../schema/schedule-schemas.ts'
import type { ScheduleActionRoutes, ScheduleRoutes, ScheduleTimeRoutes } from './schedule-route-types.ts'

/** The schedules: reading, making, replacing and previewing them. */
export function scheduleRoutes({ engine, access, body, idempotent }: ApiContext): Hono<ApiEnv, ScheduleRoutes> {
  return declared<ScheduleRoutes>()(
    new Hono<ApiEnv>()
      .get(
        ROUTES.listSchedules.path,
        access('listSchedules', scheduleListSchema),
        query(flowParameterSchema),
        async (c) => {
          const { flow } = c.req.valid('query')
          const asked = flow === undefined ? {} : { flowId: engine.getFlow(flow).id }
          const shown = await shownOf(c, await engine.schedules.list(asked))
          const items = await Promise.all(shown.map((one) => scheduleFor(c, engine, one)))
          const list: ListAnswer<ScheduleAnswer['schedule']> = { items }
          return answerTagged(c, list)
        },
      )
      .post(
        ROUTES.createSchedule.path,
        access('createSchedule', scheduleAnswerSchema),
        body(newScheduleBodySchema),
        idempotent(),
        async (c) => {
          const { flow: flowId, ...options } = c.req.valid('json')
          await guardOf(c).check('schedule', flowIdOf(engine, flowId))
          // The engine checks what the types cannot say.
          const schedule = await engine.schedules.create({ ...options, flowId } as NewScheduleOptions)
          c.header(
            'location',
            siblingPath(c, '/engine/schedules', `/engine/schedules/${encodeURIComponent(schedule.id)}`),
          )
          return answerSchedule(c, await scheduleFor(c, engine, schedule), 201)
        },
      )
      .get(ROUTES.getSchedule.path, access('getSchedule', scheduleAnswerSchema), async (c) => {
        const schedule = await scheduleFor(c, engine, await engine.schedules.get(c.req.param('scheduleId')))
        const found: ScheduleAnswer = { schedule }
        return answerTagged(c, found, scheduleTag(schedule))
      })
      .put(
        ROUTES.replaceSchedule.path,
        access('replaceSchedule', scheduleAnswerSchema),
        body(scheduleBodySchema),
        async (c) => {
          const options = c.req.valid('json') as ScheduleOptions
          const updated = await engine.schedules.update(c.req.param('scheduleId'), options, ifMatch(c))
          return answerSchedule(c, await scheduleFor(c, engine, updated), 200)
        },
      ),
  )
}

/** The times of schedules, also of one that is not made yet. */
export function scheduleTimeRoutes({ engine, access, body }: ApiContext): Hono<ApiEnv, ScheduleTimeRoutes> {
  return declared<ScheduleTimeRoutes>()(
    new Hono<ApiEnv>()
      .post(
        ROUTES.previewSchedule.path,
        access('previewSchedule', timeListSchema),
        body(scheduleBodySchema),
        query(timesQuerySchema),
        async (c) => {
          const options = c.req.valid('json') as ScheduleOptions
          return answer(c, { items: await engine.schedules.preview(options, c.req.valid('query').count) }, 200)
        },
      )
      .get(
        ROUTES.listScheduleTimes.path,
        access('listScheduleTimes', timeListSchema),
        query(timesQuerySchema),
        async (c) => {
          const { count } = c.req.valid('query')
          return answer(c, { items: await engine.schedules.preview(c.req.param('scheduleId'), count) }, 200)
        },
      ),
  )
}

/** What can be done with a schedule. */
export function scheduleActionRoutes({
  engine,
  access,
  optionalBody,
  idempotent,
}: ApiContext): Hono<ApiEnv, ScheduleActionRoutes> {
  return declared<ScheduleActionRoutes>()(
    new Hono<ApiEnv>()
      .post(
        ROUTES.pauseSchedule.path,
        access('pauseSchedule', scheduleAnswerSchema),
        optionalBody(pauseScheduleBodySchema),
        async (c) => {
          const paused = await engine.schedules.pause(c.req.param('scheduleId'), c.req.valid('json'))
          return answerSchedule(c, await scheduleFor(c, engine, paused), 200)
        },
      )
      .post(
        ROUTES.resumeSchedule.path,
        access('resumeSchedule', scheduleAnswerSchema),
        optionalBody(emptyBodySchema),
        async (c) => {
          const resumed = await engine.schedules.resume(c.req.param('scheduleId'))
          return answerSchedule(c, await scheduleFor(c, engine, resumed), 200)
        },
      )
      .post(
        ROUTES.skipSchedule.path,
        access('skipSchedule', scheduleAnswerSchema),
        optionalBody(skipScheduleBodySchema),
        async (c) => {
          const skipping = await engine.schedules.skipNext(c.req.param('scheduleId'), c.req.valid('json').count)
          return answerSchedule(c, await scheduleFor(c, engine, skipping), 200)
        },
      )
      .post(
        ROUTES.runSchedule.path,
        access('runSchedule', runAnswerSchema),
        optionalBody(emptyBodySchema),
        idempotent(),
        async (c) => {
          const started: RunAnswer = { run: await engine.schedules.runNow(c.req.param('scheduleId')) }
          c.header('location', siblingPath(c, '/engine/schedules/', `/engine/runs/${started.run.id}`))
          return answer(c, started, 202)
        },
      ),
  )
}

/** Forgetting a schedule. */
export function scheduleRemovalRoute({ engine, access }: ApiContext): Hono<ApiEnv> {
  return new Hono<ApiEnv>().delete(ROUTES.removeSchedule.path, access('removeSchedule'), async (c) => {
    await engine.schedules.remove(c.req.param('scheduleId'), ifMatch(c))
    return c.body(null, 204)
  })
}

function answerSchedule<S extends 200 | 201>(
  c: Context<ApiEnv>,
  schedule: ScheduleAnswer['schedule'],
  status: S,
): ReturnType<typeof answer<ScheduleAnswer, S>> {
  c.header('etag', scheduleTag(schedule))
  return answer<ScheduleAnswer, S>(c, { schedule }, status)
}

function ifMatch(c: Context<ApiEnv>): CheckSchedule {
  const check = readIfMatch(c)
  return (current) => check(scheduleTag(current))
}

// Two parts: what somebody can change, and everything. Who edits a schedule that fires every minute must get through.
function scheduleTag(schedule: ScheduleView & Partial<Can<ScheduleAction>>): string {
  const { revision, handledAt, skips, flowName, status, nextAt, nextNote, can, ...edited } = schedule
  const passing = { revision, handledAt, skips, flowName, status, nextAt, nextNote, can }
  return twoPartTag(JSON.stringify(edited), JSON.stringify(passing))
}
