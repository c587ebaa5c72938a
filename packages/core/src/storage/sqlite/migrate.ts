import type { DatabaseSync } from 'node:sqlite'

import { PerfectError } from '../../errors/perfect-error.ts'
import { MIGRATIONS } from './migrations/index.ts'

// Says in the file's header that it is ours: "PRFT".
const APPLICATION_ID = 0x50524654
const RETRY_MS = 10

/**
 * Brings a database to the newest schema and into write-ahead mode. When several processes open it at once, one migrates, the others wait.
 *
 * @throws {PerfectError} STORAGE_TOO_NEW when a newer version has written it, STORAGE_CORRUPT when it belongs to another program.
 */
export function migrate(
  connection: DatabaseSync,
  options: { readonly path: string; readonly busyTimeoutMs: number },
): void {
  // Looks before it touches: a file that is not ours stays as it is.
  readVersion(connection, options.path)
  useWriteAheadLog(connection, options.busyTimeoutMs)
  if (readVersion(connection, options.path) === MIGRATIONS.length) return
  connection.exec('BEGIN IMMEDIATE')
  try {
    // Another process may have migrated while this one waited for the lock.
    const version = readVersion(connection, options.path)
    for (const sql of MIGRATIONS.slice(version)) connection.exec(sql)
    connection.exec(`PRAGMA application_id = ${String(APPLICATION_ID)}`)
    connection.exec(`PRAGMA user_version = ${String(MIGRATIONS.length)}`)
    connection.exec('COMMIT')
  } catch (error) {
    if (connection.isTransaction) connection.exec('ROLLBACK')
    throw error
  }
}

function readVersion(connection: DatabaseSync, path: string): number {
  const version = readNumber(connection, 'PRAGMA user_version')
  // In this order: another process may create the schema between the two reads.
  const isEmpty = readNumber(connection, 'SELECT count(*) FROM sqlite_schema') === 0
  const isOurs = readNumber(connection, 'PRAGMA application_id') === APPLICATION_ID
  if (!isOurs && !isEmpty)
    throw new PerfectError(
      'STORAGE_CORRUPT',
      `The file "${path}" is a SQLite database of another program. Name a file of its own for Perfect.`,
      { details: { path } },
    )
  if (version > MIGRATIONS.length) throw tooNew(path, version)
  return version
}

function readNumber(connection: DatabaseSync, sql: string): number {
  return Number(Object.values(connection.prepare(sql).get() ?? {})[0] ?? 0)
}

function tooNew(path: string, version: number): PerfectError {
  return new PerfectError(
    'STORAGE_TOO_NEW',
    `The database "${path}" has schema ${String(version)}, this version of Perfect knows up to ${String(MIGRATIONS.length)}. Update @perfect/core, or open a copy made before the update.`,
    { details: { path, version, known: MIGRATIONS.length } },
  )
}

// SQLite does not wait for a lock when it changes the mode, so two processes that open a new file at once must do the waiting.
function useWriteAheadLog(connection: DatabaseSync, timeoutMs: number): void {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    try {
      connection.exec('PRAGMA journal_mode = WAL')
      return
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS)
    }
  }
}

function isBusy(error: unknown): boolean {
  const primaryCode = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0
  return primaryCode === 5
}
