import type { RouteName } from '../route-table.ts'
import { IDEMPOTENT, KEY_CODES, TAGGED, type RouteDocs } from './route-facts.ts'

type RunRouteName = Extract<
  RouteName,
  | 'triggerFlow'
  | 'listRuns'
  | 'getRun'
  | 'cancelRun'
  | 'pauseRun'
  | 'resumeRun'
  | 'retryRun'
  | 'removeRun'
  | 'listTasks'
  | 'getJournal'
  | 'getTimeline'
  | 'listChildren'
  | 'explainRun'
  | 'verifyReplay'
  | 'listSignals'
  | 'signalRun'
  | 'sendSignal'
  | 'listApprovals'
  | 'answerApproval'
>

const read = (summary: string, ...codes: RouteDocs['codes']): RouteDocs => ({
  tag: 'runs',
  summary,
  status: 200,
  codes: ['RUN_NOT_FOUND', ...codes],
  ...TAGGED,
})

const act = (summary: string, ...codes: RouteDocs['codes']): RouteDocs => ({
  tag: 'runs',
  summary,
  status: 202,
  codes: ['RUN_NOT_FOUND', ...codes, ...KEY_CODES],
  ...IDEMPOTENT,
})

/** What is told of the routes of runs. */
export const RUN_DOCS: Readonly<Record<RunRouteName, RouteDocs>> = {
  triggerFlow: {
    tag: 'runs',
    summary: 'Start a run of a flow',
    status: 202,
    also: { 200: 'The caller has waited, and the run has ended' },
    codes: [
      'FLOW_NOT_FOUND',
      'CONFIGURATION_INVALID',
      'INPUT_INVALID',
      'VALUE_UNSERIALIZABLE',
      'IDEMPOTENCY_MISMATCH',
      'DURATION_INVALID',
    ],
    headers: ['Idempotency-Key', 'Prefer'],
  },
  listRuns: {
    tag: 'runs',
    summary: 'List runs, newest first',
    status: 200,
    codes: ['CURSOR_INVALID', 'FILTER_INVALID'],
    ...TAGGED,
  },
  getRun: {
    ...read('Get a run with its tasks, input and result'),
    headers: ['If-None-Match', 'Prefer'],
  },
  cancelRun: act('Ask a run to end', 'RUN_FINISHED'),
  pauseRun: act('Ask a run to pause: what runs ends, nothing new starts', 'RUN_FINISHED'),
  resumeRun: act('Let a run go on that was paused or held', 'RUN_FINISHED', 'RUN_NOT_PAUSED'),
  retryRun: act(
    'Try an ended run again, as a new run',
    'RUN_NOT_FINISHED',
    'TASK_NOT_FOUND',
    'FLOW_NOT_FOUND',
    'CONFIGURATION_INVALID',
    'INPUT_INVALID',
    'VALUE_UNSERIALIZABLE',
  ),
  removeRun: { tag: 'runs', summary: 'Forget an ended run', status: 204, codes: ['RUN_NOT_FOUND', 'RUN_NOT_FINISHED'] },
  listTasks: read('List the tasks of a run', 'CURSOR_INVALID'),
  getJournal: read('List what the replay of a run is answered with', 'CURSOR_INVALID'),
  getTimeline: read('Say when a run did what'),
  listChildren: read('List the runs that the flow of a run has started', 'CURSOR_INVALID'),
  explainRun: read('Say why a run is where it is'),
  verifyReplay: {
    tag: 'runs',
    summary: 'Prove that a run decides by nothing but its journal',
    status: 200,
    codes: ['RUN_NOT_FOUND', 'RUN_NOT_FINISHED', 'FLOW_NOT_FOUND'],
  },
  listSignals: { ...read('List the signals that a run waits for and has got'), tag: 'signals' },
  signalRun: {
    ...act('Send a signal to a run', 'RUN_FINISHED', 'SIGNAL_INVALID', 'VALUE_UNSERIALIZABLE'),
    tag: 'signals',
  },
  sendSignal: {
    tag: 'signals',
    summary: 'Send a signal to whoever waits for it',
    status: 202,
    codes: ['SIGNAL_INVALID', 'VALUE_UNSERIALIZABLE', ...KEY_CODES],
    ...IDEMPOTENT,
  },
  listApprovals: {
    tag: 'signals',
    summary: 'List the approvals that runs wait for',
    status: 200,
    codes: [],
    ...TAGGED,
  },
  answerApproval: {
    ...act('Answer an approval', 'RUN_FINISHED', 'SIGNAL_INVALID', 'APPROVER_NOT_ALLOWED', 'VALUE_UNSERIALIZABLE'),
    tag: 'signals',
  },
}
