/*
 * Most cells of most rows are the same: a run that starts at once, a task that succeeds at the first try. These stand in a statement of
 * their own, and only the other cells are sent between the threads and bound: half of the time of an INSERT went into binding them.
 */
import type { Cell } from './database.ts'

/** The rows of a table that have the usual value in each of some columns. */
export class UsualRow {
  /** What VALUES and SELECT name: a placeholder for each open cell, in the order of the columns. */
  readonly values: string
  readonly #usual: readonly (readonly [index: number, cell: Cell])[]
  readonly #open: readonly number[]
  readonly #names: readonly string[]

  /** @param names All columns. @param usual The usual values. */
  constructor(names: readonly string[], usual: Readonly<Record<string, Cell>>) {
    this.values = names.map((name) => (name in usual ? literal(usual[name] ?? null) : '?')).join(', ')
    this.#usual = names.flatMap((name, index) => (name in usual ? [[index, usual[name] ?? null] as const] : []))
    this.#open = names.flatMap((name, index) => (name in usual ? [] : [index]))
    this.#names = names
  }

  /** The open cells of a row, or, when a cell is not the usual one, all of them. */
  pack(cells: readonly Cell[]): readonly Cell[] {
    for (const [index, cell] of this.#usual) if (cells[index] !== cell) return cells
    return this.#open.map((index) => cells[index] ?? null)
  }

  /** Whether packed cells are those of a usual row. */
  has(packed: readonly Cell[]): boolean {
    return packed.length === this.#open.length
  }

  /** Reads some columns of packed cells. */
  reader(columns: readonly string[]): (packed: readonly Cell[]) => Cell[] {
    const full = columns.map((column) => this.#names.indexOf(column))
    const usual = new Map(this.#usual)
    const short = full.map((index) => [this.#open.indexOf(index), usual.get(index) ?? null] as const)
    return (packed) =>
      this.has(packed)
        ? short.map(([place, cell]) => (place === -1 ? cell : (packed[place] ?? null)))
        : full.map((index) => packed[index] ?? null)
  }
}

function literal(cell: Cell): string {
  return typeof cell === 'string' ? `'${cell}'` : String(cell ?? 'NULL')
}
