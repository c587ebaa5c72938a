import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite'

import { Database } from './database.ts'
import { migrate } from './migrate.ts'
import { decodeText } from './text.ts'

/** What a database is opened with. */
export interface DatabaseOptions {
  /** Absolute path of the file, or `:memory:`. */
  readonly path: string
  readonly durability: 'full' | 'relaxed'
  /** How long to wait for another process that writes. Unit: ms. */
  readonly busyTimeoutMs: number
}

// After a burst the write-ahead log gives its space back down to this.
const WAL_LIMIT_BYTES = 64 * 1024 * 1024

/** Opens a database, makes it when it is missing, and brings it to the newest schema. */
export function openDatabase(options: DatabaseOptions): Database {
  if (options.path !== ':memory:') mkdirSync(dirname(options.path), { recursive: true })
  const connection = new DatabaseSync(options.path, { timeout: options.busyTimeoutMs })
  try {
    connection.function('contains_text', { deterministic: true }, containsText)
    migrate(connection, options)
    connection.exec(`PRAGMA synchronous = ${options.durability === 'full' ? 'FULL' : 'NORMAL'}`)
    connection.exec(`PRAGMA journal_size_limit = ${String(WAL_LIMIT_BYTES)}`)
  } catch (error) {
    connection.close()
    throw error
  }
  return new Database(connection)
}

// SQLite's own functions know upper and lower case of ASCII only.
function containsText(message: SQLOutputValue, lowered: SQLOutputValue): number {
  return Number(
    decodeText(String(message))
      .toLowerCase()
      .includes(decodeText(String(lowered))),
  )
}
