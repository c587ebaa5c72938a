import { PerfectError } from '../errors/perfect-error.ts'
import type { TaskRecord } from '../storage/records.ts'
import type { ScopeCall } from './run-scope.ts'

const MAX_JOURNAL_LINES = 200

/** What a replay did differently, as a sentence. */
export function describeChange({ key, name, argsText }: ScopeCall, record: TaskRecord): string {
  return `Task "${name}" (${key}) was called with ${shown(record.args)}, now with ${shown(argsText)}.`
}

/** How a run fails whose replay differs from its journal. */
export function replayMismatch(runId: string, change: string, key: string): PerfectError<'REPLAY_MISMATCH'> {
  return new PerfectError('REPLAY_MISMATCH', `${change} Make the flow decide by its input and by task results only.`, {
    details: { runId, key },
  })
}

/** The records of a run as fields of a log line, in the order in which the flow saw them. */
export function journalText(records: ReadonlyMap<string, TaskRecord>): string {
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
