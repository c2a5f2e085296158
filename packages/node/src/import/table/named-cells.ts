import type { Cell, CellFault, Cells } from './table.ts'

/** A cell of a file that names its columns in a row: text, a number of the file itself, or why there is neither. */
export type LooseCell = string | { readonly number: string } | CellFault

/**
 * The cells of a row by name. What it costs to make is that of the cells that are there: a sheet may name 16,384 columns
 * and have rows of one cell.
 */
export class NamedCells implements Cells {
  readonly #columns: ReadonlyMap<string, number>
  readonly #cells: readonly LooseCell[]
  readonly #covered: ((column: number) => CellFault | undefined) | undefined

  /**
   * @param columns places of the columns, from 0, by name
   * @param cells of the row in order; those behind them are empty
   * @param covered the fault of a cell that has no value of its own, by its column
   */
  constructor(
    columns: ReadonlyMap<string, number>,
    cells: readonly LooseCell[],
    covered?: (column: number) => CellFault | undefined,
  ) {
    this.#columns = columns
    this.#cells = cells
    this.#covered = covered
  }

  get size(): number {
    return this.#columns.size
  }

  has(name: string): boolean {
    return this.#columns.has(name)
  }

  get(name: string): Cell | undefined {
    const column = this.#columns.get(name)
    return column === undefined ? undefined : this.#cellAt(column)
  }

  isNumber = (name: string): boolean => {
    const cell = this.#cells[this.#columns.get(name) ?? -1]
    return typeof cell === 'object' && 'number' in cell
  }

  keys(): MapIterator<string> {
    return this.#columns.keys()
  }

  *values(): MapIterator<Cell> {
    for (const column of this.#columns.values()) yield this.#cellAt(column)
  }

  *entries(): MapIterator<[string, Cell]> {
    for (const [name, column] of this.#columns) yield [name, this.#cellAt(column)]
  }

  [Symbol.iterator](): MapIterator<[string, Cell]> {
    return this.entries()
  }

  forEach(each: (cell: Cell, name: string, cells: ReadonlyMap<string, Cell>) => void): void {
    for (const [name, cell] of this) each(cell, name, this)
  }

  #cellAt(column: number): Cell {
    const cell = this.#covered?.(column) ?? this.#cells[column] ?? ''
    return typeof cell === 'object' && 'number' in cell ? cell.number : cell
  }
}
