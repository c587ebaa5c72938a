/* Writes of ours in a transaction of the host, on its own connection to our file. */
import { realpathSync } from 'node:fs'

import { PerfectError } from '../../errors/perfect-error.ts'
import { RunSums } from '../run-sums.ts'
import type { HostTransaction } from '../storage.ts'
import { Database, type SqlConnection } from './database.ts'
import { getRun, payload } from './run-reads.ts'
import { createRun } from './runs.ts'

/** A connection of `node:sqlite`, or of `better-sqlite3`, which names one thing differently. */
type HostHandle = Pick<SqlConnection, 'prepare'> &
  ({ readonly isTransaction: boolean } | { readonly inTransaction: boolean })

/**
 * Joins the transaction that a connection of the host has open.
 *
 * @param file Path of our database.
 * @throws {PerfectError} TRANSACTION_INVALID
 */
export function joinTransaction(file: string, handle: unknown, now: () => number): HostTransaction {
  if (!isHandle(handle))
    throw invalid(
      'no connection to an SQLite database',
      'Give the DatabaseSync of node:sqlite, or the Database of better-sqlite3',
    )
  const database = new Database({
    prepare: (sql) => handle.prepare(sql),
    get isTransaction() {
      return isOpen(handle)
    },
    close: () => undefined,
  })
  if (!isSameFile(database, file))
    throw invalid('a connection to another file', `Open it on ${file}, where runs are stored`)
  if (!isOpen(handle)) throw invalid('a connection without an open transaction', 'Begin one before')
  return {
    get isOpen() {
      return isOpen(handle)
    },
    create: (change) => {
      const scope = { database, now: now(), sums: new RunSums(), isPlain: false }
      const receipt = createRun(scope, change)
      return receipt === 1 ? { accepted: true, run: change.run } : receipt
    },
    run: (id) => getRun(database, id),
    input: (runId) => payload(database, 'run_inputs', runId),
  }
}

function isHandle(handle: unknown): handle is HostHandle {
  if (typeof handle !== 'object' || handle === null || !('prepare' in handle)) return false
  return typeof handle.prepare === 'function' && ('isTransaction' in handle || 'inTransaction' in handle)
}

function isOpen(handle: HostHandle): boolean {
  try {
    return 'isTransaction' in handle ? handle.isTransaction : handle.inTransaction
  } catch {
    // A connection that was closed has no transaction.
    return false
  }
}

function isSameFile(database: Database, file: string): boolean {
  const main = database.all('PRAGMA database_list').find(({ name }) => name === 'main')?.['file']
  return typeof main === 'string' && main !== '' && realpathSync(main) === realpathSync(file)
}

function invalid(what: string, fix: string): PerfectError {
  return new PerfectError('TRANSACTION_INVALID', `"tx" is ${what}. ${fix}.`, { details: { field: 'tx', value: what } })
}
