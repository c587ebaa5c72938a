import type { ClientLogView, ClientView, RunDetailView, RunView, TaskView } from '@perfect/core'

import type { DashboardState, LiveEvent, Part, StateMessage } from './dashboard-state.ts'
import { mergeRun, mergeTask } from './merge.ts'
import { isFinal, newestFirst } from './runs.ts'

/** Lines kept of each client process. Unit: lines. More would only be scrolled past; the process has its own log for that. */
export const CLIENT_LOG_LINES = 1000

/**
 * Finished runs kept beyond the ones that are listed. Unit: runs.
 * A page that is open for weeks must not grow; lists ask the API for what was dropped.
 */
const FINISHED_RUNS_KEPT = 2000

/**
 * The state after a batch of live events. Gives the same object when nothing changed.
 *
 * Runs and tasks, of which there can be hundreds in a frame, are taken in together: each map is copied once. Events of one kind
 * keep their order, and the kinds do not depend on each other.
 */
export function reduceEvents(state: DashboardState, events: readonly LiveEvent[]): DashboardState {
  const runs: RunView[] = []
  const tasks = new Map<string, TaskView[]>()
  const others: LiveEvent[] = []
  for (const event of events) {
    if (event.name === 'run.updated' || event.name === 'run.triggered') runs.push(event.data)
    else if (event.name === 'task.updated') {
      const { runId, task } = event.data
      const ofRun = tasks.get(runId)
      if (ofRun === undefined) tasks.set(runId, [task])
      else ofRun.push(task)
    } else others.push(event)
  }
  const withOthers = others.reduce(reduceEvent, state)
  return [...tasks].reduce((next, [runId, items]) => withTasks(next, runId, items), withRuns(withOthers, runs))
}

/** The state after one message. */
export function reduce(state: DashboardState, message: StateMessage): DashboardState {
  switch (message.type) {
    case 'info':
      return arrived({ ...state, info: message.info }, 'info')
    case 'flows':
      return arrived({ ...state, flows: byId(message.items) }, 'flows')
    case 'runs': {
      if (!message.isSnapshot) return withRuns(state, message.items)
      return arrived(withRuns(withoutGoneRuns(state, message.items), message.items), 'runs')
    }
    case 'clients':
      return arrived({ ...state, clients: byId(message.items) }, 'clients')
    case 'workers':
      return arrived({ ...state, workers: byId(message.items) }, 'workers')
    case 'detail':
      return withDetail(state, message.detail)
    case 'forget':
      return { ...state, details: without(state.details, message.runId), errors: without(state.errors, message.runId) }
    case 'error':
      return { ...state, errors: new Map(state.errors).set(message.key, message.error) }
    case 'event':
      return reduceEvent(state, message)
  }
}

function reduceEvent(state: DashboardState, event: LiveEvent): DashboardState {
  switch (event.name) {
    case 'run.triggered':
    case 'run.updated':
      return withRuns(state, [event.data])
    case 'run.removed':
      return { ...state, runs: without(state.runs, event.data.id), details: without(state.details, event.data.id) }
    case 'task.updated':
      return withTasks(state, event.data.runId, [event.data.task])
    case 'flow.updated':
      return { ...state, flows: new Map(state.flows).set(event.data.id, event.data) }
    case 'flow.removed':
      return { ...state, flows: without(state.flows, event.data.id) }
    case 'client.updated': {
      const logs = state.clients.get(event.data.id)?.logs ?? []
      return withClient(state, { ...event.data, logs: appendLines(logs, event.data.logs) })
    }
    case 'client.log': {
      const client = state.clients.get(event.data.id)
      return client === undefined
        ? state
        : withClient(state, { ...client, logs: appendLines(client.logs, event.data.lines) })
    }
    case 'worker.updated': {
      const workers = new Map(state.workers).set(event.data.id, event.data)
      if (event.data.status === 'offline') workers.delete(event.data.id)
      return { ...state, workers }
    }
    case 'log.appended':
    case 'schedule.updated':
    case 'schedule.removed':
    case 'schedule.fired':
    case 'schedule.missed':
    default:
      // Log lines are kept by the log view, and names that are new in a later engine change nothing here.
      return state
  }
}

function withRuns(state: DashboardState, items: readonly RunView[]): DashboardState {
  if (items.length === 0) return state
  const runs = new Map(state.runs)
  let isChanged = false
  for (const item of items) {
    const known = runs.get(item.id)
    const next = mergeRun(known, item)
    if (next === known) continue
    runs.set(item.id, next)
    isChanged = true
  }
  return isChanged ? { ...state, runs: limited(runs) } : state
}

/** A run that the engine does not list as active any more, and that was never seen to end, is gone with its storage. */
function withoutGoneRuns(state: DashboardState, items: readonly RunView[]): DashboardState {
  const listed = new Set(items.map((run) => run.id))
  const runs = new Map([...state.runs].filter(([id, run]) => isFinal(run) || listed.has(id)))
  return runs.size === state.runs.size ? state : { ...state, runs }
}

function limited(runs: Map<string, RunView>): ReadonlyMap<string, RunView> {
  // The margin keeps this sort from running with every event.
  if (runs.size < FINISHED_RUNS_KEPT * 1.25) return runs
  const finished = [...runs.values()].filter(isFinal).toSorted(newestFirst)
  for (const run of finished.slice(FINISHED_RUNS_KEPT)) runs.delete(run.id)
  return runs
}

function withDetail(state: DashboardState, detail: RunDetailView): DashboardState {
  const { id } = detail.run
  const known = state.details.get(id)?.tasks
  const tasks = new Map(detail.tasks.map((task) => [task.key, mergeTask(known?.get(task.key), task)]))
  const { input, result, logLines } = detail
  const details = new Map(state.details).set(id, { tasks, input, result, logLines })
  return { ...withRuns(state, [detail.run]), details, errors: without(state.errors, id) }
}

function withTasks(state: DashboardState, runId: string, items: readonly TaskView[]): DashboardState {
  const detail = state.details.get(runId)
  if (detail === undefined) return state
  const tasks = new Map(detail.tasks)
  for (const task of items) tasks.set(task.key, mergeTask(tasks.get(task.key), task))
  return { ...state, details: new Map(state.details).set(runId, { ...detail, tasks }) }
}

function withClient(state: DashboardState, client: ClientView): DashboardState {
  return { ...state, clients: new Map(state.clients).set(client.id, client) }
}

/** Joins lines by their number, so that a line that came by both ways is there once. */
function appendLines(known: readonly ClientLogView[], next: readonly ClientLogView[]): readonly ClientLogView[] {
  const last = known.at(-1)?.seq ?? 0
  const fresh = next.filter((line) => line.seq > last)
  return fresh.length === 0 ? known : [...known, ...fresh].slice(-CLIENT_LOG_LINES)
}

function arrived(state: DashboardState, part: Part): DashboardState {
  return { ...state, loaded: new Set(state.loaded).add(part), errors: without(state.errors, part) }
}

function byId<T extends { readonly id: string }>(items: readonly T[]): ReadonlyMap<string, T> {
  return new Map(items.map((item) => [item.id, item]))
}

function without<T>(map: ReadonlyMap<string, T>, key: string): ReadonlyMap<string, T> {
  if (!map.has(key)) return map
  const copy = new Map(map)
  copy.delete(key)
  return copy
}
