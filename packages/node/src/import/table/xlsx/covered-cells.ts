import { ImportError } from '../../import-error.ts'
import type { Covered } from '../name-columns.ts'
import type { CellFault } from '../table.ts'
import type { MergedRange } from './message.ts'

/** Columns of all merged ranges together; far more than a sheet has that is made by hand. */
const maxMergedColumns = 1 << 20

/**
 * Which cells below the header are covered: they lie in a merged range and are not its first cell, which alone has a
 * value. Somebody who looks at the sheet sees that value in all of them; what a row means by it, the file does not say.
 * A range that begins at the header or above it is of titles, and covers nothing here.
 * @param headerRow row of the header, from 1
 * @param columns names of the columns, by place
 * @param place file and sheet, for messages
 * @throws {ImportError} `FILE_TOO_LARGE`; `NOT_A_WORKBOOK` for ranges that lie over each other
 */
export function coveredCells(
  ranges: readonly MergedRange[],
  headerRow: number,
  columns: readonly string[],
  place: string,
): Covered {
  const byColumn = rangesByColumn(
    ranges.filter(({ top, left }) => top > headerRow && left < columns.length),
    columns.length,
    place,
  )
  return (row, column) => {
    const range = rangeAt(byColumn.get(column) ?? [], row)
    if (range === undefined || (row === range.top && column === range.left)) return undefined
    return faultOf(range, row, columns[column] ?? '', place)
  }
}

/** The ranges over each column, from above down. */
function rangesByColumn(
  ranges: readonly MergedRange[],
  width: number,
  place: string,
): ReadonlyMap<number, readonly MergedRange[]> {
  const byColumn = new Map<number, MergedRange[]>()
  let count = 0
  for (const range of ranges.toSorted((a, b) => a.top - b.top))
    for (let column = range.left; column <= range.right && column < width; column += 1) {
      count += 1
      if (count > maxMergedColumns)
        throw new ImportError(
          'FILE_TOO_LARGE',
          `${place} has too many merged cells; unmerge them, or save the sheet as CSV`,
        )
      const above = byColumn.get(column) ?? []
      if ((above.at(-1)?.bottom ?? 0) >= range.top)
        throw new ImportError(
          'NOT_A_WORKBOOK',
          `${place}: merged cells lie over each other at row ${range.top}; save the workbook again`,
        )
      above.push(range)
      byColumn.set(column, above)
    }
  return byColumn
}

/** The range at a row, of ranges that follow each other downwards. */
function rangeAt(ranges: readonly MergedRange[], row: number): MergedRange | undefined {
  let [from, to] = [0, ranges.length]
  while (from < to) {
    const middle = (from + to) >> 1
    if ((ranges[middle]?.bottom ?? 0) < row) from = middle + 1
    else to = middle
  }
  const range = ranges[from]
  return range !== undefined && range.top <= row ? range : undefined
}

const faultOf = ({ ref }: MergedRange, row: number, name: string, place: string): CellFault => ({
  code: 'MERGED_CELL',
  message: `${place}, row ${row}: the cell of ${JSON.stringify(name)} lies in the merged cells ${ref}, of which only the first has a value; unmerge them and write the value into each`,
})
