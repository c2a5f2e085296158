import { ImportError } from '../../import-error.ts'
import { type LooseRow, nameCells, type RowPlace, readColumns } from '../name-columns.ts'
import type { LooseCell } from '../named-cells.ts'
import type { RawRow, Table, TableOptions, TableSource } from '../table.ts'
import { coveredCells } from './covered-cells.ts'
import { Message, type RowMessage } from './message.ts'
import { runXlsxProcess } from './run-xlsx-process.ts'

/**
 * Opens one sheet of a workbook. It is parsed in a process of its own, whose death loses nothing: once for the header
 * and once for the rows, so that nothing stays open between.
 * @throws {ImportError} `WorkbookCode`, and the codes of `runXlsxProcess` and `readColumns`
 */
export async function openXlsx(
  source: TableSource,
  { sheet: wanted, headerRow = 1 }: TableOptions,
): Promise<Table> {
  const messages = readMessages(source, ...(wanted === undefined ? [] : [wanted]))
  try {
    const { value: first } = await messages.next()
    if (!first || !('sheet' in first)) throw brokenOff(source)
    const { sheet, otherSheets } = first
    const place = `${source.name}, sheet ${JSON.stringify(sheet)}`
    const at = { place, unit: 'row', headerRow, exact: false } as const
    const columns = await readColumns(rowsOf(source, messages), at)
    return {
      info: {
        format: 'xlsx',
        encoding: null,
        encodingGuessed: false,
        delimiter: null,
        sheet,
        otherSheets,
        columns,
      },
      rows: () => rowsBelow(source, sheet, columns, at),
    }
  } finally {
    await messages.return(undefined)
  }
}

async function* rowsBelow(
  source: TableSource,
  sheet: string,
  columns: readonly string[],
  at: RowPlace,
): AsyncGenerator<RawRow> {
  const messages = readMessages(source, sheet, 'merges')
  try {
    // The first says which sheet it is.
    await messages.next()
    const { value: second } = await messages.next()
    if (!second || !('merged' in second)) throw brokenOff(source)
    const { merged } = second
    yield* nameCells(rowsOf(source, messages), columns, at, (headerRow) =>
      coveredCells(merged, headerRow, columns, at.place),
    )
  } finally {
    await messages.return(undefined)
  }
}

async function* rowsOf(
  source: TableSource,
  messages: AsyncIterable<Message>,
): AsyncGenerator<LooseRow> {
  for await (const message of messages) {
    if ('row' in message) yield { row: message.row, cells: spread(message.cells) }
    if ('end' in message) return
  }
  throw brokenOff(source)
}

/** @param wanted name of the sheet, and `merges` behind it for its merged ranges */
async function* readMessages(
  source: TableSource,
  ...wanted: readonly string[]
): AsyncGenerator<Message> {
  let line = ''
  for await (const part of runXlsxProcess(source, [source.name, ...wanted])) {
    const [rest = '', ...lines] = part.split('\n')
    line += rest
    for (const next of lines) {
      const message = Message.parse(JSON.parse(line))
      if ('error' in message) throw new ImportError(message.error.code, message.error.message)
      yield message
      line = next
    }
  }
}

/** All cells up to the last that is not empty. */
function spread(cells: RowMessage['cells']): readonly LooseCell[] {
  const spread = new Array<LooseCell>((cells.at(-1)?.[0] ?? -1) + 1).fill('')
  for (const [column, cell] of cells) spread[column] = cell
  return spread
}

const brokenOff = ({ name }: TableSource): ImportError =>
  new ImportError(
    'NOT_A_WORKBOOK',
    `${name}: reading broke off before the end of the sheet; save the workbook again`,
  )
