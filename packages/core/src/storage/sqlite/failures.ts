/* Why runs failed. Groups stay when the runs are removed. */
import type { SerializedError } from '../../errors/serialized-error.ts'
import { failurePattern, isCause } from '../failure-pattern.ts'
import type { FailureQuery } from '../figure-reads.ts'
import type { FailureGroupRecord } from '../records.ts'
import { MAX_FAILURE_FLOWS, MAX_FAILURES } from '../run-rules.ts'
import type { EndedRun } from '../run-sums.ts'
import type { Cell, Database, Row } from './database.ts'

// The columns in the order of COLUMNS; flow '' has the failures of all flows together.
const COLUMNS = 'fingerprint, flow_id, code, task, pattern, message, runs, first_at, last_at, example_run_id'
const ADD = `
  INSERT INTO failures (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?, ?)
  ON CONFLICT DO UPDATE SET
    runs = runs + 1, first_at = min(first_at, excluded.first_at),
    message = iif(excluded.last_at >= last_at, excluded.message, message),
    example_run_id = iif(excluded.last_at >= last_at, excluded.example_run_id, example_run_id),
    last_at = max(last_at, excluded.last_at)`
const FAILED_TASKS = "SELECT name, error FROM tasks WHERE run_id = ? AND status = 'failed' ORDER BY position DESC"
const LIST = `SELECT ${COLUMNS} FROM failures INDEXED BY failures_seen WHERE flow_id = ? AND last_at >= ?`
const AFTER = 'AND last_at <= ? AND (last_at < ? OR fingerprint > ?)'
const IN_ORDER = 'ORDER BY last_at DESC, fingerprint LIMIT ?'
const FLOWS = `
  SELECT flow_id, runs FROM failures WHERE fingerprint = ? AND flow_id <> '' ORDER BY runs DESC, flow_id
  LIMIT ${String(MAX_FAILURE_FLOWS)}`
const FIRST_OF_TOO_MANY = `
  SELECT last_at FROM failures INDEXED BY failures_seen WHERE flow_id = '' ORDER BY last_at DESC
  LIMIT 1 OFFSET ${String(MAX_FAILURES)}`
const ALL_FLOWS = ''
const EVER = -Number.MAX_VALUE

/** Counts a run that has failed. */
export function countFailure(database: Database, { id, flowId, error, finishedAt }: EndedRun): void {
  const task = taskThatFailed(database, id, error)
  const { fingerprint, code, pattern, message } = failurePattern(error, task)
  for (const flow of [flowId, ALL_FLOWS])
    database.run(ADD, [fingerprint, flow, code, task, pattern, message, finishedAt, finishedAt, id])
}

/** Groups of failures, the one that was seen last first. */
export function listFailures(database: Database, query: FailureQuery): readonly FailureGroupRecord[] {
  const { flowId, seenFrom = EVER, after, limit } = query
  const cells: Cell[] = [flowId ?? ALL_FLOWS, seenFrom]
  if (after) cells.push(after.lastAt, after.lastAt, after.fingerprint)
  return database.all(`${LIST} ${after ? AFTER : ''} ${IN_ORDER}`, [...cells, limit]).map(readFailure)
}

/** The flows in which failures of one kind were seen. */
export function flowsOfFailure(
  database: Database,
  fingerprint: string,
): readonly { readonly flowId: string; readonly runs: number }[] {
  return database
    .all(FLOWS, [fingerprint])
    .map((row) => ({ flowId: String(row['flow_id']), runs: Number(row['runs']) }))
}

/** Forgets failures that were not seen since an instant, and those of more kinds than anybody can look at. */
export function forgetFailures(database: Database, before: number): void {
  const newest = database.first(FIRST_OF_TOO_MANY)?.['last_at']
  database.run('DELETE FROM failures WHERE last_at < ? OR last_at <= ?', [before, newest ?? null])
}

function taskThatFailed(database: Database, runId: string, error: SerializedError | null): string | null {
  const found = database
    .all(FAILED_TASKS, [runId])
    .find((row) => typeof row['error'] === 'string' && isCause(error, JSON.parse(row['error']) as SerializedError))
  return found === undefined ? null : String(found['name'])
}

function readFailure(row: Row): FailureGroupRecord {
  const flowId = String(row['flow_id'])
  return {
    fingerprint: String(row['fingerprint']),
    flowId: flowId === ALL_FLOWS ? null : flowId,
    code: row['code'] as string | null,
    task: row['task'] as string | null,
    pattern: String(row['pattern']),
    message: String(row['message']),
    runs: Number(row['runs']),
    firstAt: Number(row['first_at']),
    lastAt: Number(row['last_at']),
    exampleRunId: String(row['example_run_id']),
  }
}
