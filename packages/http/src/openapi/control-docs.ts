import type { RouteName } from '../route-table.ts'
import { IDEMPOTENT, KEY_CODES, TAGGED, type RouteDocs } from './route-facts.ts'

type ControlRouteName = Extract<
  RouteName,
  `${string}Schedule${string}` | `${string}Selection` | 'selectRuns' | 'getBulk'
>

const SCHEDULE_CODES: RouteDocs['codes'] = [
  'SCHEDULE_INVALID',
  'DURATION_INVALID',
  'INPUT_INVALID',
  'CONFIGURATION_INVALID',
  'VALUE_UNSERIALIZABLE',
]

const schedule = (summary: string, ...codes: RouteDocs['codes']): RouteDocs => ({
  tag: 'schedules',
  summary,
  status: 200,
  codes: ['SCHEDULE_NOT_FOUND', ...codes],
})

const IF_MATCH = {
  codes: ['SCHEDULE_NOT_FOUND', 'PRECONDITION_FAILED', 'PRECONDITION_REQUIRED', ...SCHEDULE_CODES],
  headers: ['If-Match'],
} as const satisfies Partial<RouteDocs>

const bulk = (summary: string, ...codes: RouteDocs['codes']): RouteDocs => ({
  tag: 'bulk',
  summary,
  status: 202,
  codes: ['SELECTION_NOT_FOUND', ...codes, ...KEY_CODES],
  ...IDEMPOTENT,
})

/** What is told of the routes of schedules and of many runs. */
export const CONTROL_DOCS: Readonly<Record<ControlRouteName, RouteDocs>> = {
  listSchedules: {
    tag: 'schedules',
    summary: 'List the schedules',
    status: 200,
    codes: ['FLOW_NOT_FOUND'],
    ...TAGGED,
  },
  createSchedule: {
    tag: 'schedules',
    summary: 'Make a schedule',
    status: 201,
    codes: ['FLOW_NOT_FOUND', ...SCHEDULE_CODES, ...KEY_CODES],
    ...IDEMPOTENT,
  },
  previewSchedule: {
    tag: 'schedules',
    summary: 'Say when a schedule that is not made yet would come',
    status: 200,
    codes: SCHEDULE_CODES,
  },
  getSchedule: { ...schedule('Get a schedule'), ...TAGGED },
  replaceSchedule: {
    tag: 'schedules',
    summary: 'Replace what a schedule says',
    status: 200,
    ...IF_MATCH,
    codes: ['FLOW_NOT_FOUND', ...IF_MATCH.codes],
  },
  removeSchedule: { tag: 'schedules', summary: 'Forget a schedule; its runs stay', status: 204, ...IF_MATCH },
  listScheduleTimes: schedule('List the coming times of a schedule'),
  pauseSchedule: schedule('Stop a schedule until it is resumed, or until an instant', 'SCHEDULE_INVALID'),
  resumeSchedule: schedule('Let a schedule go on'),
  runSchedule: {
    ...schedule('Start a run of a schedule now', 'FLOW_NOT_FOUND', ...SCHEDULE_CODES, ...KEY_CODES),
    status: 202,
    ...IDEMPOTENT,
  },
  skipSchedule: schedule('Leave out the next times of a schedule', 'SCHEDULE_INVALID'),
  selectRuns: {
    tag: 'bulk',
    summary: 'Choose runs: those that fit now',
    status: 201,
    codes: ['FILTER_INVALID', ...KEY_CODES],
    ...IDEMPOTENT,
  },
  getSelection: {
    tag: 'bulk',
    summary: 'Get a selection of runs',
    status: 200,
    codes: ['SELECTION_NOT_FOUND'],
    ...TAGGED,
  },
  cancelSelection: bulk('Ask all runs of a selection to end'),
  retrySelection: bulk('Try all runs of a selection again'),
  removeSelection: bulk('Forget all runs of a selection'),
  getBulk: { tag: 'bulk', summary: 'Say how far a bulk action is', status: 200, codes: ['BULK_NOT_FOUND'], ...TAGGED },
}
