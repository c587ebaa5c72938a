/*
 * When a schedule refuses what is asked of it. What changes schedules asks these rules, and so does who tells beforehand what can be done.
 */
import { invalid } from '../../definition/schedules/schedule-fields.ts'
import type { ActionsView } from '../../errors/action-view.ts'
import { CAN, tryAction } from '../../errors/try-action.ts'
import type { ScheduleAction } from '../action-views.ts'
import type { EngineParts } from '../engine-parts.ts'
import type { ScheduleView } from './views.ts'

/** @throws {PerfectError} SCHEDULE_INVALID when the code of a flow declares it. */
export function checkMade({ id, origin }: Pick<ScheduleView, 'id' | 'origin'>, doing: 'update' | 'remove'): void {
  if (origin === 'api') return
  throw invalid(
    'id',
    id,
    `the code of its flow declares it, so nobody else can ${doing} it`,
    'Change the code, or pause it.',
  )
}

/** What can be done with a schedule now. Changes nothing. */
export async function scheduleActions(
  { registry }: Pick<EngineParts, 'registry'>,
  schedule: ScheduleView,
): Promise<ActionsView<ScheduleAction>> {
  return {
    replace: await tryAction(() => {
      checkMade(schedule, 'update')
      registry.get(schedule.flowId)
    }),
    remove: await tryAction(() => checkMade(schedule, 'remove')),
    pause: CAN,
    resume: CAN,
    skip: CAN,
    run: await tryAction(() => registry.get(schedule.flowId)),
  }
}
