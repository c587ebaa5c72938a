/*
 * The thread that has the database open, so that waiting for the disk never stops the host's event loop. It answers requests one by one.
 */
import { parentPort, workerData } from 'node:worker_threads'

import { serializeError } from '../../errors/serialized-error.ts'
import { dueAlerts, getAlert, listAlerts, nextAlertAt } from './alerts.ts'
import { listAudit } from './audit.ts'
import { claimableRuns } from './claimable-runs.ts'
import { commit } from './commit.ts'
import type { Database } from './database.ts'
import { estimateOf } from './estimates.ts'
import { flowsOfFailure, listFailures } from './failures.ts'
import { roomOf } from './limits.ts'
import { countLogs, listLogs } from './logs.ts'
import type { Answer, Args, Operation, Reply, Request } from './messages.ts'
import { openDatabase, type DatabaseOptions } from './open-database.ts'
import { flowVersions, listEngines, listFlows, listSchedules } from './registry.ts'
import { expiredRuns, flowIds } from './retention.ts'
import { listRuns } from './run-lists.ts'
import { getRun, nextWakeAt, payload, requestedRuns, runsAhead } from './run-reads.ts'
import { countNews, seenMarks } from './seen.ts'
import { listSignals, takerOf } from './signals.ts'
import { translateError } from './sqlite-errors.ts'
import { countRuns, runStats } from './stats.ts'
import { cachedValue, listTasks, tasksProgress } from './tasks.ts'
import { getView, listViews } from './views.ts'

const options = workerData as DatabaseOptions
let database: Database | undefined

type Handlers = {
  readonly [O in Operation]: (from: Database, args: Args<O>, now: number, isPlain: boolean) => Answer<O>
}

const HANDLERS: Handlers = {
  open: () => null,
  commit,
  'runs.get': (from, id) => getRun(from, id) ?? null,
  'runs.list': listRuns,
  'runs.claimable': claimableRuns,
  'runs.nextWakeAt': nextWakeAt,
  'runs.requested': requestedRuns,
  'runs.input': (from, runId) => payload(from, 'run_inputs', runId),
  'runs.result': (from, runId) => payload(from, 'run_results', runId),
  'stats.counts': countRuns,
  'stats.runs': runStats,
  'stats.expired': expiredRuns,
  'stats.flowIds': flowIds,
  'failures.list': listFailures,
  'failures.flows': flowsOfFailure,
  'alerts.get': getAlert,
  'alerts.list': listAlerts,
  'alerts.due': dueAlerts,
  'alerts.nextAt': nextAlertAt,
  'audit.list': listAudit,
  'views.get': getView,
  'views.list': listViews,
  'seen.marks': seenMarks,
  'seen.count': countNews,
  'tasks.list': listTasks,
  'tasks.progress': tasksProgress,
  'tasks.cached': cachedValue,
  'line.room': (from, limits, now) => limits.map((limit) => roomOf(from, limit, now)),
  'line.ahead': runsAhead,
  'signals.taker': takerOf,
  'signals.list': listSignals,
  'schedules.list': listSchedules,
  'logs.list': listLogs,
  'logs.count': countLogs,
  'flows.list': listFlows,
  'flows.versions': flowVersions,
  'engines.list': listEngines,
  'estimates.get': estimateOf,
  close: () => null,
}

parentPort?.on('message', (text: string) => {
  const [operation, args, now] = JSON.parse(text) as Request
  // JSON escapes all that `text.ts` has to encode, so that one look at the message tells that there is nothing.
  const isPlain = !text.includes('\\u')
  parentPort?.postMessage(JSON.stringify(reply(operation, args, now, isPlain)))
  if (operation === 'close') parentPort?.close()
})

function reply(operation: Operation, args: unknown, now: number, isPlain: boolean): Reply {
  try {
    return ['done', operation === 'close' ? closeDatabase() : answer(operation, args, now, isPlain)]
  } catch (thrown) {
    const { code, message, details, cause } = translateError(thrown, options.path)
    return ['failed', { code, message, details, cause: cause === undefined ? null : serializeError(cause) }]
  }
}

function answer(operation: Operation, args: unknown, now: number, isPlain: boolean): unknown {
  // Opened by the first request, and tried again by the next one when that fails.
  database ??= openDatabase(options)
  // The caller's types have tied the arguments to the operation.
  const handler = HANDLERS[operation] as (from: Database, args: unknown, now: number, isPlain: boolean) => unknown
  return handler(database, args, now, isPlain)
}

function closeDatabase(): null {
  database?.close()
  database = undefined
  return null
}
