import type { SQLOutputValue } from 'node:sqlite'

import { HeldRuns } from './held-runs.ts'
import { KnownStats } from './known-stats.ts'
import { decodeText, encodeText } from './text.ts'

/** A prepared statement, as `node:sqlite` and others make it. */
interface Statement {
  run(...cells: readonly Cell[]): { readonly changes: number | bigint }
  get(...cells: readonly Cell[]): unknown
  all(...cells: readonly Cell[]): readonly unknown[]
}

/** An open connection, of our own or of the host. */
export interface SqlConnection {
  readonly isTransaction: boolean
  prepare(sql: string): Statement
  close(): void
}

/** A value of a column. */
export type Cell = string | number | null
/** A row by the names of its columns. */
export type Row = Readonly<Record<string, Cell>>

/**
 * An open database with its prepared statements. Cells fill plain `?` in their order; Node 22 cannot fill `?1` in this way.
 * Text passes the encoding of `text.ts` on its way in and out.
 */
export class Database {
  /** What it knows of runs without looking. */
  readonly held: HeldRuns = new HeldRuns()
  /** What it knows of statistics without looking. */
  readonly stats: KnownStats = new KnownStats()
  readonly #connection: SqlConnection
  readonly #statements = new Map<string, Statement>()

  constructor(connection: SqlConnection) {
    this.#connection = connection
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
    return row ? decodeRow(row as Record<string, SQLOutputValue>) : undefined
  }

  /** All rows of a statement. */
  all(sql: string, cells: readonly Cell[] = []): readonly Row[] {
    return this.#statement(sql)
      .all(...encodeCells(cells))
      .map((row) => decodeRow(row as Record<string, SQLOutputValue>))
  }

  /** Changes when another connection has written. */
  dataVersion(): unknown {
    return (this.#statement('PRAGMA data_version').get() as Row | undefined)?.['data_version']
  }

  /** Does all of `work` in one transaction, or nothing of it when it throws. */
  transaction<T>(work: () => T): T {
    // IMMEDIATE: a transaction that only later turns into a writer cannot wait for another one, it would fail.
    this.runEncoded('BEGIN IMMEDIATE', [])
    try {
      const result = work()
      this.runEncoded('COMMIT', [])
      return result
    } catch (error) {
      this.held.clear()
      this.stats.clear()
      // Some errors, a full disk for one, have already ended the transaction.
      if (this.#connection.isTransaction) this.run('ROLLBACK')
      throw error
    }
  }

  close(): void {
    this.#connection.close()
  }

  #statement(sql: string): Statement {
    let statement = this.#statements.get(sql)
    if (statement === undefined) {
      statement = this.#connection.prepare(sql)
      this.#statements.set(sql, statement)
    }
    return statement
  }
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
