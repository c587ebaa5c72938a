import type { SerializedError } from '../../errors/serialized-error.ts'
import { FINAL_RUN_STATUSES } from '../../storage/records.ts'
import type { MessageFields } from './message-fields.ts'
import type { AnnouncedMap, WireError, WorkerEvent } from './messages.ts'

const MAX_ERROR_CHARS = 65_536
const MAX_HASH_CHARS = 128
// Deep enough for any real chain; the same bound as for errors of the engine itself.
const MAX_CAUSES = 8
// The bound that values of the engine have: what is deeper cannot be read back everywhere.
const MAX_DEPTH = 500

/** Checks one event. @throws {PerfectError} MESSAGE_INVALID */
export function parseEvent(fields: MessageFields): WorkerEvent {
  const kind = fields.name('kind')
  switch (kind) {
    case 'step.started':
      return { kind, ...toStep(fields), ...toPlan(fields), isDurable: isDurable(fields) }
    case 'step.retrying':
      return {
        kind,
        ...toStep(fields),
        error: toStoredError(fields.inside('error')),
        retryInMs: fields.integer('retryInMs', 0),
      }
    case 'step.completed':
      return {
        kind,
        ...toStep(fields),
        durationMs: fields.has('durationMs') ? Math.max(0, fields.number('durationMs')) : 0,
        ...(fields.oneOf('status', ['succeeded', 'failed']) === 'succeeded'
          ? { value: jsonText(fields, 'result') ?? 'null', error: null }
          : { value: null, error: toStoredError(fields.inside('error')) }),
      }
    case 'run.completed': {
      const status = fields.oneOf('status', FINAL_RUN_STATUSES)
      const error = fields.has('error') ? toStoredError(fields.inside('error')) : null
      if (status === 'failed' && error === null) throw fields.invalid('error', 'Say why the run failed.')
      return { kind, status, result: status === 'succeeded' ? jsonText(fields, 'result') : null, error }
    }
    default:
      return { kind: 'other' }
  }
}

function toStep(
  fields: MessageFields,
): Pick<Extract<WorkerEvent, { readonly key: string }>, 'key' | 'task' | 'attempt' | 'argsHash' | 'map'> {
  return {
    key: fields.name('key'),
    task: fields.name('task'),
    attempt: fields.integer('attempt', 1),
    argsHash: fields.has('argsHash') ? fields.text('argsHash', MAX_HASH_CHARS) : null,
    map: fields.has('map') ? toMap(fields.inside('map')) : null,
  }
}

function toPlan(fields: MessageFields): { readonly weight: number | null; readonly estimatedMs: number | null } {
  const weight = fields.has('weight') ? fields.number('weight') : null
  if (weight !== null && weight <= 0) throw fields.invalid('weight', 'Give a number > 0.')
  return { weight, estimatedMs: fields.has('estimatedMs') ? Math.max(0, fields.number('estimatedMs')) : null }
}

function toMap(map: MessageFields): AnnouncedMap {
  return { path: map.name('path'), count: map.integer('count', 1) }
}

function isDurable(fields: MessageFields): boolean {
  return fields.value('idempotent') === false || fields.value('durable') === true
}

/** Text of a JSON value; null when there is none. Equal to what `encodeValue` gives, as long as the worker tags what JSON has no word for. */
function jsonText(fields: MessageFields, name: string): string | null {
  const value = fields.value(name)
  if (isDeeper(value, MAX_DEPTH)) throw fields.invalid(name, `Give a value of at most ${String(MAX_DEPTH)} levels.`)
  return value === null ? null : JSON.stringify(value)
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((item) => isDeeper(item, levels - 1))
}

function toStoredError(fields: MessageFields, depth = 0): SerializedError {
  const stack = fields.optionalText('stack', MAX_ERROR_CHARS)
  return {
    name: fields.has('type') ? fields.name('type') : 'Error',
    message: fields.has('message') ? fields.text('message', MAX_ERROR_CHARS) : '',
    code: fields.has('code') ? fields.name('code') : null,
    ...(fields.value('retryable') === true && { details: { retryable: true } }),
    ...(stack !== null && { stack }),
    ...(fields.has('cause') && depth < MAX_CAUSES && { cause: toStoredError(fields.inside('cause'), depth + 1) }),
  }
}

/** A stored error in the form that workers know. */
export function toWireError(error: SerializedError): WireError {
  return {
    type: error.name,
    message: error.message,
    retryable: error.details?.['retryable'] === true,
    ...(error.stack !== undefined && { stack: error.stack }),
    ...(error.code !== null && { code: error.code }),
    ...(error.cause && { cause: toWireError(error.cause) }),
  }
}
