import type { ClientView, RunStatus, RunTrigger, RunView, TaskView, WorkerView } from '@perfect/core'

/*
 * Words for states and counts, in one place, so that the same thing is called the same on every page.
 */

/** The families of states that share a colour. */
export type Tone = 'run' | 'ok' | 'bad' | 'wait' | 'idle'

/** A state as it is shown: its word, its glyph and its colour. */
export interface StateLabel {
  readonly word: string
  readonly glyph: GlyphName
  readonly tone: Tone
}

/** The shapes of status glyphs; the shape carries the meaning, colour only repeats it. */
export type GlyphName =
  | 'pending'
  | 'scheduled'
  | 'running'
  | 'waiting'
  | 'retrying'
  | 'succeeded'
  | 'failed'
  | 'cancelled'
  | 'online'
  | 'offline'

const runLabels: Readonly<Record<RunStatus, StateLabel>> = {
  scheduled: { word: 'Scheduled', glyph: 'scheduled', tone: 'idle' },
  queued: { word: 'Queued', glyph: 'pending', tone: 'idle' },
  running: { word: 'Running', glyph: 'running', tone: 'run' },
  waiting: { word: 'Waiting', glyph: 'waiting', tone: 'wait' },
  retrying: { word: 'Retrying', glyph: 'retrying', tone: 'wait' },
  succeeded: { word: 'Succeeded', glyph: 'succeeded', tone: 'ok' },
  failed: { word: 'Failed', glyph: 'failed', tone: 'bad' },
  cancelled: { word: 'Cancelled', glyph: 'cancelled', tone: 'idle' },
}

const waitWords = {
  sleep: 'Sleeping',
  signal: 'Waiting for a signal',
  approval: 'Waiting for approval',
  child: 'Waiting for a child run',
  paused: 'Paused',
  worker: 'Waiting for a worker',
  slot: 'Waiting for a free slot',
  version: 'Held: the flow has changed',
} as const

/** How the status of a run is shown. */
export function runLabel(run: Pick<RunView, 'status' | 'reason' | 'cancelRequestedAt'>): StateLabel {
  const label = runLabels[run.status]
  if (label.tone !== 'ok' && label.tone !== 'bad' && run.status !== 'cancelled' && run.cancelRequestedAt !== null)
    return { ...label, word: 'Cancelling', tone: 'wait' }
  return run.reason !== null && (run.status === 'waiting' || run.status === 'queued')
    ? { ...label, word: waitWords[run.reason] }
    : label
}

const taskLabels: Readonly<Record<TaskView['status'] | 'pending', StateLabel>> = {
  pending: { word: 'Pending', glyph: 'pending', tone: 'idle' },
  running: { word: 'Running', glyph: 'running', tone: 'run' },
  retrying: { word: 'Retrying', glyph: 'retrying', tone: 'wait' },
  sleeping: { word: 'Sleeping', glyph: 'waiting', tone: 'wait' },
  waiting: { word: 'Waiting', glyph: 'waiting', tone: 'wait' },
  succeeded: { word: 'Succeeded', glyph: 'succeeded', tone: 'ok' },
  failed: { word: 'Failed', glyph: 'failed', tone: 'bad' },
}

/** How the status of a task is shown; `pending` is a planned task that has not started. */
export function taskLabel(status: TaskView['status'] | 'pending'): StateLabel {
  return taskLabels[status]
}

const clientLabels: Readonly<Record<ClientView['status'], StateLabel>> = {
  stopped: { word: 'Stopped', glyph: 'offline', tone: 'idle' },
  starting: { word: 'Starting', glyph: 'running', tone: 'run' },
  running: { word: 'Running', glyph: 'online', tone: 'ok' },
  stopping: { word: 'Stopping', glyph: 'running', tone: 'wait' },
  restarting: { word: 'Restarting', glyph: 'waiting', tone: 'wait' },
  failed: { word: 'Failed', glyph: 'failed', tone: 'bad' },
}

/** How the status of a client process is shown. */
export function clientLabel(status: ClientView['status']): StateLabel {
  return clientLabels[status]
}

const workerLabels: Readonly<Record<WorkerView['status'], StateLabel>> = {
  online: { word: 'Online', glyph: 'online', tone: 'ok' },
  draining: { word: 'Draining', glyph: 'waiting', tone: 'wait' },
  suspect: { word: 'Not answering', glyph: 'retrying', tone: 'wait' },
  offline: { word: 'Offline', glyph: 'offline', tone: 'idle' },
}

/** How the status of a worker is shown. */
export function workerLabel(status: WorkerView['status']): StateLabel {
  return workerLabels[status]
}

/** What started a run, in words. */
export function triggerText(trigger: RunTrigger): string {
  const kind = { code: 'Code', api: 'API', schedule: 'Schedule', parent: 'Flow', retry: 'Retry' }[trigger.kind]
  return trigger.by === null || trigger.by === '' ? kind : `${kind} · ${trigger.by}`
}

/** A count with its noun: `1 run`, `4 runs`. */
export function plural(count: number, noun: string, many = `${noun}s`): string {
  return `${formatInteger(count)} ${count === 1 ? noun : many}`
}

/** A whole number with thousands separators. */
export function formatInteger(value: number): string {
  return value.toLocaleString('en-US')
}

/**
 * The end of an identifier, enough for people to tell runs apart.
 *
 * The beginning of our identifiers is time and the same for neighbours.
 */
export function shortId(id: string): string {
  return id
    .replace(/^[a-z]+_/, '')
    .slice(-6)
    .toLowerCase()
}
