import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type SQLOutputValue, type StatementSync } from 'node:sqlite'

import { HeldRuns } from './held-runs.ts'
import { migrate } from './migrate.ts'
import { decodeText, encodeText } from './text.ts'

/** What a database is opened with. */
export interface DatabaseOptions {
  /** Absolute path of the file, or `:memory:`. */
  readonly path: string
  readonly durability: 'full' | 'relaxed'
  /** How long to wait for another process that writes. Unit: ms. */
  readonly busyTimeoutMs: number
}

/** A value of a column. */
export type Cell = string | number | null
/** A row by the names of its columns. */
export type Row = Readonly<Record<string, Cell>>

// After a burst the write-ahead log gives its space back down to this.
const WAL_LIMIT_BYTES = 64 * 1024 * 1024

/**
 * An open database with its prepared statements. Cells fill plain `?` in their order; Node 22 cannot fill `?1` in this way.
 * Text passes the encoding of `text.ts` on its way in and out.
 */
export class Database {
  /** What it knows of runs without looking. */
  readonly held: HeldRuns = new HeldRuns()
  readonly #connection: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  constructor(options: DatabaseOptions) {
    if (options.path !== ':memory:') mkdirSync(dirname(options.path), { recursive: true })
    this.#connection = new DatabaseSync(options.path, { timeout: options.busyTimeoutMs })
    try {
      this.#prepareFile(options)
    } catch (error) {
      this.#connection.close()
      throw error
    }
  }

  /** Runs a statement; gives the number of rows it changed. */
  run(sql: string, cells: readonly Cell[] = []): number {
    return this.runEncoded(sql, encodeCells(cells))
  }

  /** Runs a statement with text that needs no encoding, or has it already. */
  runEncoded(sql: string, cells: readonly Cell[]): number {
    return Number(this.#statement(sql).run(...cells).changes)
  }

  /** The first row of a statement. */
  first(sql: string, cells: readonly Cell[] = []): Row | undefined {
    const row = this.#statement(sql).get(...encodeCells(cells))
    return row && decodeRow(row)
  }

  /** All rows of a statement. */
  all(sql: string, cells: readonly Cell[] = []): readonly Row[] {
    return this.#statement(sql)
      .all(...encodeCells(cells))
      .map(decodeRow)
  }

  /** Does all of `work` in one transaction, or nothing of it when it throws. */
  transaction<T>(work: () => T): T {
    // IMMEDIATE: a transaction that only later turns into a writer cannot wait for another one, it would fail.
    this.run('BEGIN IMMEDIATE')
    try {
      const result = work()
      this.run('COMMIT')
      return result
    } catch (error) {
      this.held.clear()
      this.#rollback()
      throw error
    }
  }

  close(): void {
    this.#connection.close()
  }

  // Some errors, a full disk for one, have already ended the transaction.
  #rollback(): void {
    if (this.#connection.isTransaction) this.run('ROLLBACK')
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (statement === undefined) {
      statement = this.#connection.prepare(sql)
      this.#statements.set(sql, statement)
    }
    return statement
  }

  #prepareFile(options: DatabaseOptions): void {
    const connection = this.#connection
    connection.function('contains_text', { deterministic: true }, containsText)
    migrate(connection, options)
    connection.exec(`PRAGMA synchronous = ${options.durability === 'full' ? 'FULL' : 'NORMAL'}`)
    connection.exec(`PRAGMA journal_size_limit = ${String(WAL_LIMIT_BYTES)}`)
  }
}

// SQLite's own functions know upper and lower case of ASCII only.
function containsText(message: SQLOutputValue, lowered: SQLOutputValue): number {
  return Number(
    decodeText(String(message))
      .toLowerCase()
      .includes(decodeText(String(lowered))),
  )
}

function encodeCells(cells: readonly Cell[]): readonly Cell[] {
  // Most lists stay as they are.
  let encoded: Cell[] | undefined
  for (const [index, cell] of cells.entries()) {
    if (typeof cell !== 'string') continue
    const text = encodeText(cell)
    if (text !== cell) (encoded ??= [...cells])[index] = text
  }
  return encoded ?? cells
}

function decodeRow(row: Record<string, SQLOutputValue>): Row {
  for (const [name, cell] of Object.entries(row)) if (typeof cell === 'string') row[name] = decodeText(cell)
  return row as Row
}
