import { findSheet } from './find-sheet.ts'
import type { Message } from './message.ts'
import { readNumberFormats } from './number-formats.ts'
import { openParts } from './open-parts.ts'
import { readMerges } from './read-merges.ts'
import { readSharedStrings } from './shared-strings.ts'
import { walkRows } from './walk-rows.ts'
import { damaged, WorkbookError } from './workbook-error.ts'
import type { RandomAccess } from './zip-directory.ts'

/**
 * Reads one sheet of a workbook: first which one, then its merged ranges and its rows, then that it ended or why it cannot be read. Only
 * the shared strings and the formats are kept in memory.
 *
 * The streaming reader of the library is not used: it loses the types of formula results, dates as text, runs of
 * text, and whole sheets whose parts have other names than Excel's.
 * @param name of the file, for messages
 * @param sheet its name, or undefined for the first that is not hidden
 * @param withMerges whether its merged ranges are wanted: all of the sheet is gone through for them first
 */
export async function* readWorkbook(
  bytes: RandomAccess,
  name: string,
  sheet: string | undefined,
  withMerges = false,
): AsyncGenerator<Message> {
  try {
    const parts = await openParts(bytes)
    const found = await findSheet(parts, sheet)
    const { otherSheets, rows, sharedStrings, styles, from1904, uncalculated } = found
    yield { sheet: found.sheet, otherSheets: [...otherSheets] }
    if (withMerges) yield { merged: [...(await readMerges(parts.read(rows)))] }
    yield* walkRows(parts.read(rows), {
      place: `${name}, sheet ${JSON.stringify(found.sheet)}`,
      strings:
        sharedStrings === undefined ? [] : await readSharedStrings(parts.read(sharedStrings)),
      kinds: styles === undefined ? [] : await readNumberFormats(parts.read(styles)),
      from1904,
      uncalculated,
    })
    yield { end: true }
  } catch (error) {
    // Whatever a library says of a foreign file: it is not one that can be read.
    const { code, message } =
      error instanceof WorkbookError
        ? error
        : damaged(`it is damaged (${error instanceof Error ? error.message : String(error)})`)
    yield { error: { code, message: `${name}: ${message}` } }
  }
}
