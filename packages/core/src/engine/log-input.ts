import { PerfectError } from '../errors/perfect-error.ts'
import { LOG_LEVELS, type LogLevel } from '../primitives/log-level.ts'
import type { LogLine } from '../storage/records.ts'
import type { EngineParts } from './engine-parts.ts'
import { toLogView } from './run-views.ts'
import type { LogView } from './views.ts'

/** A line that somebody outside of the flow adds to the log of a run. */
export interface LogInput {
  /** At most 64 Ki characters; longer ones are cut. */
  readonly message: string
  /** Default: `"info"`. */
  readonly level?: LogLevel
  /** Key of the task it is about. Default: none. */
  readonly task?: string | null
  /** Unit: ms since 1970 UTC. Default: now. */
  readonly at?: number
  readonly fields?: Readonly<Record<string, unknown>> | null
}

/** What can be added to a log: a line, or many. */
export type LogInputs = string | LogInput | readonly (string | LogInput)[]

const MAX_LINES = 1000
const MAX_MESSAGE_CHARS = 65_536
// As far as a Date goes.
const MAX_INSTANT_MS = 8.64e15

/**
 * Checked log lines. Text with line breaks stays one line of the log.
 *
 * @throws {PerfectError} LOG_INVALID
 */
function toLogLines(log: LogInputs, now: number): readonly LogLine[] {
  const inputs = typeof log === 'string' || !isList(log) ? [log] : log
  if (inputs.length === 0 || inputs.length > MAX_LINES)
    throw invalid('lines', `has ${String(inputs.length)} entries`, `Give 1 to ${String(MAX_LINES)} lines.`)
  return inputs.map((input, index) => toLogLine(typeof input === 'string' ? { message: input } : input, index, now))
}

function isList(log: LogInput | readonly (string | LogInput)[]): log is readonly (string | LogInput)[] {
  return Array.isArray(log)
}

function toLogLine(input: LogInput, index: number, now: number): LogLine {
  const { message, level = 'info', task = null, at = now, fields = null } = input
  const field = (name: string): string => `lines[${String(index)}].${name}`
  if (typeof message !== 'string') throw invalid(field('message'), `is ${typeof message}`, 'Give text.')
  if (!LOG_LEVELS.includes(level))
    throw invalid(field('level'), `is ${JSON.stringify(level)}`, `Give one of ${LOG_LEVELS.join(', ')}.`)
  // What is no instant could be stored, and the log never be shown again.
  if (typeof at !== 'number' || !(Math.abs(at) <= MAX_INSTANT_MS))
    throw invalid(field('at'), `is ${String(at)}`, 'Give ms since 1970.')
  return { at, level, task, message: message.slice(0, MAX_MESSAGE_CHARS), fields: toText(fields, field('fields')) }
}

function toText(fields: LogInput['fields'], field: string): string | null {
  if (fields === null || fields === undefined) return null
  try {
    return JSON.stringify(fields)
  } catch (error) {
    throw invalid(
      field,
      `cannot be JSON: ${error instanceof Error ? error.message : String(error)}`,
      'Give plain values.',
    )
  }
}

function invalid(field: string, problem: string, fix: string): PerfectError {
  return new PerfectError('LOG_INVALID', `"${field}" ${problem}. ${fix}`, { details: { field } })
}

/** Adds lines of somebody outside to the log of a run, also of one that has ended. */
export async function appendLog(parts: EngineParts, runId: string, log: LogInputs): Promise<readonly LogView[]> {
  const { clock, commit, active, queries, bus } = parts
  const lines = toLogLines(log, clock.now())
  const [receipt] = await commit.append([{ type: 'log.append', runId, fence: null, lines }], 'impatient')
  const firstSeq = receipt?.accepted ? receipt.firstSeq : undefined
  // Without a number nothing was stored, since there is no such run.
  if (firstSeq === undefined) await queries.record(runId)
  const records = lines.map((line, index) => ({ ...line, runId, seq: (firstSeq ?? 0) + index }))
  // Forgotten meanwhile: nobody can follow it any more.
  const run = bus.isHeard('log.appended') ? await queries.record(runId).catch(() => undefined) : undefined
  if (run) active.logged(run, records)
  return records.map(toLogView)
}
