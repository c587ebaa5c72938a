import { PerfectError } from '../../errors/perfect-error.ts'
import type { LogLevel, LogLine } from '../../storage/records.ts'
import { MessageFields } from './message-fields.ts'
import { REJECT_REASONS, WORKER_LIMITS, type HelloMessage, type RunKey, type WorkerMessage } from './messages.ts'
import { parseEvent } from './parse-event.ts'

const MAX_FLOWS = 1000
const MAX_RUNS = 10_000
const MAX_EVENTS = 256
const MAX_LABELS = 100
const MAX_PAGE = 1000
const MAX_MESSAGE_CHARS = 65_536
const MAX_NOTE_CHARS = 1000
// A hundred years: what is longer is no instant that a date can hold.
const MAX_SLEEP_MS = 3_155_760_000_000

type Parse = (fields: MessageFields, now: number) => WorkerMessage

/**
 * Checks a message of a worker. Fields that are not known are ignored; a type that is not known gives `unknown`.
 *
 * @param json The message, out of `JSON.parse`.
 * @param now For log lines without a readable time. Unit: ms since 1970 UTC.
 * @throws {PerfectError} MESSAGE_INVALID with the field, its value and the fix.
 */
export function parseWorkerMessage(json: unknown, now: number): WorkerMessage {
  const fields = new MessageFields(json, '')
  const type = fields.name('type')
  const parse = Object.hasOwn(PARSERS, type) ? PARSERS[type] : undefined
  return parse ? parse(fields, now) : { type: 'unknown', name: type }
}

/** The run that a message is about, when that much of it can be read. */
export function runKeyOf(json: unknown): RunKey | null {
  try {
    return toRunKey(new MessageFields(json, ''))
  } catch (error) {
    if (PerfectError.is(error, 'MESSAGE_INVALID')) return null
    throw error
  }
}

const PARSERS: Readonly<Record<string, Parse | undefined>> = {
  hello: toHello,
  'flows.update': (fields) => ({
    type: 'flows.update',
    id: fields.name('id'),
    add: fields.has('add') ? toObjects(fields, 'add') : [],
  }),
  heartbeat: (fields) => ({
    type: 'heartbeat',
    n: fields.integer('n', 0),
    runs: fields.objects('runs', MAX_RUNS).map(toRunKey),
    slots: fields.has('slots') ? fields.integer('slots', 0) : null,
  }),
  'run.accept': (fields) => ({ type: 'run.accept', ...toRunKey(fields) }),
  'run.reject': (fields) => ({
    type: 'run.reject',
    ...toRunKey(fields),
    reason: fields.oneOf('reason', REJECT_REASONS),
    detail: fields.optionalText('detail', MAX_NOTE_CHARS),
  }),
  'run.release': (fields) => ({
    type: 'run.release',
    ...toRunKey(fields),
    reason: fields.optionalText('reason', MAX_NOTE_CHARS) ?? '',
    wakeInMs: fields.has('wakeInMs') ? Math.min(MAX_SLEEP_MS, fields.integer('wakeInMs', 0)) : null,
  }),
  'run.events': (fields) => ({
    type: 'run.events',
    ...toRunKey(fields),
    firstSeq: fields.integer('firstSeq', 1),
    events: fields.objects('events', MAX_EVENTS).map(parseEvent),
  }),
  'log.batch': (fields, now) => ({
    type: 'log.batch',
    ...toRunKey(fields),
    firstSeq: fields.integer('firstSeq', 1),
    lines: fields.objects('lines', WORKER_LIMITS.maxLogLines).map((line) => toLogLine(line, now)),
  }),
  progress: (fields) => ({
    type: 'progress',
    ...toRunKey(fields),
    key: fields.has('key') ? fields.name('key') : null,
    done: fields.number('done'),
    message: fields.optionalText('message', MAX_NOTE_CHARS),
  }),
  'journal.get': (fields) => ({
    type: 'journal.get',
    ...toRunKey(fields),
    id: fields.name('id'),
    offset: fields.integer('offset', 0),
    limit: Math.min(MAX_PAGE, fields.has('limit') ? fields.integer('limit', 1) : MAX_PAGE),
  }),
  drain: () => ({ type: 'drain' }),
  error: (fields) => ({
    type: 'error',
    code: fields.optionalText('code', MAX_NOTE_CHARS) ?? '',
    title: fields.optionalText('title', MAX_NOTE_CHARS) ?? '',
    detail: fields.optionalText('detail', MAX_NOTE_CHARS) ?? '',
  }),
}

function toHello(fields: MessageFields): HelloMessage {
  const workerId = fields.name('workerId')
  const protocol = fields.inside('protocol')
  return {
    type: 'hello',
    workerId,
    name: fields.has('name') ? fields.name('name') : workerId,
    protocol: { min: protocol.integer('min', 0), max: protocol.integer('max', 0) },
    sdk: fields.has('sdk') ? toSdk(fields.inside('sdk')) : '',
    slots: fields.integer('slots', 0),
    labels: fields.has('labels') ? toLabels(fields.inside('labels')) : {},
    flows: toObjects(fields, 'flows'),
    inFlight: (fields.has('inFlight') ? fields.objects('inFlight', MAX_RUNS) : []).map((run) => ({
      ...toRunKey(run),
      eventSeq: run.has('eventSeq') ? run.integer('eventSeq', 0) : 0,
    })),
    draining: fields.value('draining') === true,
  }
}

function toObjects(fields: MessageFields, name: string): readonly Readonly<Record<string, unknown>>[] {
  return fields.objects(name, MAX_FLOWS).map(({ object }) => object)
}

function toSdk(fields: MessageFields): string {
  return [fields.optionalText('name', MAX_NOTE_CHARS), fields.optionalText('version', MAX_NOTE_CHARS)]
    .filter((part) => part !== null)
    .join(' ')
}

function toLabels(fields: MessageFields): Readonly<Record<string, string>> {
  const names = Object.keys(fields.object)
  if (names.length > MAX_LABELS)
    throw fields.invalid(`(${String(names.length)} labels)`, `Give at most ${String(MAX_LABELS)}.`)
  return Object.fromEntries(names.map((name) => [name, fields.text(name, MAX_NOTE_CHARS)]))
}

function toRunKey(fields: MessageFields): RunKey {
  return { runId: fields.name('runId'), epoch: fields.integer('epoch', 1) }
}

// Names of levels in other languages.
const LEVELS: Readonly<Record<string, LogLevel | undefined>> = {
  trace: 'debug',
  debug: 'debug',
  info: 'info',
  warn: 'warn',
  warning: 'warn',
  error: 'error',
  critical: 'error',
  fatal: 'error',
}

function toLogLine(fields: MessageFields, now: number): LogLine {
  const level = fields.optionalText('level', MAX_NOTE_CHARS)?.toLowerCase() ?? 'info'
  const at = fields.has('t') ? Date.parse(fields.text('t', MAX_NOTE_CHARS)) : Number.NaN
  const logger = fields.optionalText('logger', MAX_NOTE_CHARS)
  const extra = fields.has('fields') ? fields.inside('fields').object : null
  return {
    at: Number.isNaN(at) ? now : at,
    level: (Object.hasOwn(LEVELS, level) ? LEVELS[level] : undefined) ?? 'info',
    task: fields.has('task') ? fields.name('task') : null,
    message: fields.text('msg', MAX_MESSAGE_CHARS),
    fields: logger === null && extra === null ? null : JSON.stringify({ ...(logger !== null && { logger }), ...extra }),
  }
}
