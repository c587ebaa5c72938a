import { PerfectError } from '../errors/perfect-error.ts'
import type { RunJournal } from '../journal/run-journal.ts'
import type { TaskRecord } from '../storage/records.ts'
import type { ScopeCall } from './run-scope.ts'

const MAX_JOURNAL_LINES = 200

/**
 * A recorded call came with other arguments: the code is not the one that began the run, or it decides by something that is not recorded.
 * Gives the error that ends the run, or null when the recorded result is taken all the same.
 */
export function judgeChange(journal: RunJournal, call: ScopeCall, record: TaskRecord): PerfectError | null {
  const { configuration, definition, run, records } = journal
  const change = describeChange(call, record)
  if (configuration.replay === 'flow' && definition.replay === 'warn') {
    journal.note('warn', change, call.key)
    return null
  }
  if (configuration.logAttempts) journal.log('debug', 'the journal at the mismatch', call.key, journalText(records))
  return replayMismatch(run.id, change, call.key)
}

/** What a replay did differently, as a sentence. */
export function describeChange({ key, name, argsText }: ScopeCall, record: TaskRecord): string {
  return `Task "${name}" (${key}) was called with ${shown(record.args)}, now with ${shown(argsText)}.`
}

/** How a run fails whose replay differs from its journal. */
function replayMismatch(runId: string, change: string, key: string): PerfectError<'REPLAY_MISMATCH'> {
  return new PerfectError('REPLAY_MISMATCH', `${change} Make the flow decide by its input and by task results only.`, {
    details: { runId, key },
  })
}

/** The records of a run as fields of a log line, in the order in which the flow saw them. */
function journalText(records: ReadonlyMap<string, TaskRecord>): string {
  const lines = [...records.values()]
    .toSorted((left, right) => (left.position ?? Infinity) - (right.position ?? Infinity))
    .slice(0, MAX_JOURNAL_LINES)
    .map(({ key, status, args, position }) => ({ position, key, status, args }))
  return JSON.stringify({ journal: lines, total: records.size })
}

// Without the brackets of the list, as one would write the call.
function shown(args: string | null): string {
  return args === null ? 'nothing' : args.replace(/^\[(.*)\]$/s, '$1')
}
