import { maxColumns, maxRowChars, maxSheetRows } from '../limits.ts'
import type { RowMessage, SheetCell } from './message.ts'
import { type CellContext, lacksResult, readCell, type WrittenCell } from './read-cell.ts'
import { RichText } from './rich-text.ts'
import { walkXml, type XmlEvents } from './walk-xml.ts'
import { damaged, WorkbookError } from './workbook-error.ts'

/** A cell that has not ended. */
type OpenCell = { -readonly [Key in keyof WrittenCell]: WrittenCell[Key] }

type Attributes = Parameters<XmlEvents['open']>[1]

/**
 * Rows of a sheet that are not empty, hidden ones too.
 * @throws {WorkbookError} `NOT_A_WORKBOOK`, `TOO_MANY_ROWS`, `TOO_MANY_COLUMNS`, `ROW_TOO_LARGE`;
 *   `FORMULA_WITHOUT_VALUE` for an array formula over several cells: nobody knows which of them have a value
 * @see ECMA-376 part 1, section 18.3.1
 */
export async function* walkRows(
  bytes: AsyncIterable<Uint8Array>,
  context: CellContext,
): AsyncGenerator<RowMessage> {
  const sheet = new SheetReader(context)
  for await (const _ of walkXml(bytes, sheet)) yield* sheet.rows.splice(0)
  yield* sheet.rows.splice(0)
  if (!sheet.whole) throw damaged('its sheet has no rows')
}

class SheetReader implements XmlEvents {
  readonly rows: RowMessage[] = []
  /** The list of rows was there, and ended. */
  whole = false
  readonly #context: CellContext
  readonly #inline = new RichText()
  #inRows = false
  #inValue = false
  #row = 0
  #column = -1
  #cells: [number, SheetCell][] = []
  #chars = 0
  #cell: OpenCell | undefined
  /** Range of the array formula of the cell, if it has one. */
  #range: string | undefined

  constructor(context: CellContext) {
    this.#context = context
  }

  open = (name: string, attributes: Attributes): void => {
    if (name === 'sheetData') this.#inRows = true
    if (!this.#inRows) return
    if (name === 'row') this.#openRow(attributes)
    else if (name === 'c') this.#openCell(attributes)
    else if (this.#cell) this.#openPart(this.#cell, name, attributes)
  }

  text = (text: string): void => {
    if (this.#inValue && this.#cell) this.#cell.value = (this.#cell.value ?? '') + text
    else this.#inline.add(text)
  }

  close = (name: string): void => {
    if (!this.#inRows) return
    if (name === 'v') this.#inValue = false
    else if (name === 'is' && this.#cell) this.#cell.inline = this.#inline.end()
    else if (name === 'c' && this.#cell) this.#closeCell(this.#cell)
    else if (name === 'row' && this.#cells.length > 0)
      this.rows.push({ row: this.#row, cells: this.#cells })
    else if (name === 'sheetData') {
      this.#inRows = false
      this.whole = true
    } else this.#inline.close(name)
  }

  #openRow({ r }: Attributes): void {
    const row = r === undefined ? this.#row + 1 : Number(r)
    if (!Number.isInteger(row) || row <= this.#row) throw damaged(`its row ${r} is out of order`)
    if (row > maxSheetRows)
      throw new WorkbookError(
        'TOO_MANY_ROWS',
        `it has more than ${maxSheetRows} rows; split the sheet or save it as CSV`,
      )
    this.#row = row
    this.#column = -1
    this.#cells = []
    this.#chars = 0
  }

  #openCell({ r, t: type = 'n', s = '0' }: Attributes): void {
    const column = r === undefined ? this.#column + 1 : columnOf(r, this.#row)
    if (column <= this.#column) throw damaged(`its cell ${r} is out of order`)
    if (column >= maxColumns)
      throw new WorkbookError(
        'TOO_MANY_COLUMNS',
        `it has more than ${maxColumns} columns; split the sheet`,
      )
    this.#column = column
    this.#range = undefined
    this.#cell = {
      address: r ?? `${lettersOf(column)}${this.#row}`,
      type,
      style: Number(s),
      formula: false,
      value: undefined,
      inline: undefined,
    }
  }

  #openPart(cell: OpenCell, name: string, { t, ref }: Attributes): void {
    if (name === 'f') {
      cell.formula = true
      if (t === 'array' || t === 'dataTable') this.#range = ref
    } else if (name === 'v') {
      cell.value = ''
      this.#inValue = true
    } else this.#inline.open(name)
  }

  #closeCell(cell: WrittenCell): void {
    this.#cell = undefined
    if (this.#range?.includes(':') && lacksResult(cell, this.#context))
      throw new WorkbookError(
        'FORMULA_WITHOUT_VALUE',
        `the formula of the cells ${this.#range} has no stored result; open the workbook in a spreadsheet program and save it`,
      )
    const read = readCell(cell, this.#context)
    if (read === '') return
    this.#cells.push([this.#column, read])
    this.#chars +=
      typeof read === 'string' ? read.length : 'number' in read ? read.number.length : 0
    if (this.#chars > maxRowChars)
      throw new WorkbookError(
        'ROW_TOO_LARGE',
        `row ${this.#row} has more than ${maxRowChars} characters; split it`,
      )
  }
}

/** Column, from 0, of an address such as `B5`, which must be in that row. */
function columnOf(address: string, row: number): number {
  let column = 0
  let at = 0
  for (; at < 4; at += 1) {
    const letter = address.charCodeAt(at) - 64
    if (!(letter >= 1 && letter <= 26)) break
    column = column * 26 + letter
  }
  if (column === 0 || address.slice(at) !== String(row))
    throw damaged(`its cell ${address} is not in row ${row}`)
  return column - 1
}

function lettersOf(column: number): string {
  const letter = String.fromCharCode(65 + (column % 26))
  return column < 26 ? letter : lettersOf(Math.floor(column / 26) - 1) + letter
}
