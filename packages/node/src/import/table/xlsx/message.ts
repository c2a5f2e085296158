import { z } from 'zod'
import { maxColumns, maxSheetRows } from '../limits.ts'

/** Cells that are shown as one, of which only the first has a value: rows from 1, columns from 0, both ends in it. */
export const MergedRange = z.strictObject({
  /** Such as `B2:B5`. */
  ref: z.string(),
  top: z.int().min(1),
  left: z.int().min(0),
  bottom: z.int().max(maxSheetRows),
  right: z.int().lt(maxColumns),
})
export type MergedRange = z.infer<typeof MergedRange>

/** What the process that reads a workbook says, a line of JSON each: first the sheet, then what is merged, its rows, and how it ended. */
export const Message = z.union([
  /** Cells that are not empty, by column from 0, in ascending order. */
  z.strictObject({
    row: z.int().min(1),
    cells: z.array(
      z.tuple([
        z.int().min(0).lt(maxColumns),
        z.union([
          z.string(),
          /** What the file says is a number: its text is plain, or a percentage with its sign. */
          z.strictObject({ number: z.string() }),
          z.strictObject({
            code: z.enum(['FORMULA_WITHOUT_VALUE', 'CELL_ERROR']),
            message: z.string(),
          }),
        ]),
      ]),
    ),
  }),
  z.strictObject({ sheet: z.string(), otherSheets: z.array(z.string()) }),
  /** Ranges of cells that are shown as one, before the rows, if they were asked for. */
  z.strictObject({ merged: z.array(MergedRange) }),
  z.strictObject({
    error: z.strictObject({
      code: z.enum([
        'FILE_TOO_LARGE',
        'FORMAT_UNKNOWN',
        'NOT_A_WORKBOOK',
        'SHEET_UNKNOWN',
        'ROW_TOO_LARGE',
        'TOO_MANY_COLUMNS',
        'TOO_MANY_ROWS',
        'FORMULA_WITHOUT_VALUE',
      ]),
      message: z.string(),
    }),
  }),
  z.strictObject({ end: z.literal(true) }),
])
export type Message = z.infer<typeof Message>

/** The codes with which a workbook as a whole is refused. */
export type WorkbookCode = Extract<Message, { readonly error: unknown }>['error']['code']

export type RowMessage = Extract<Message, { readonly row: number }>
export type SheetCell = RowMessage['cells'][number][1]
export type WrittenNumber = Extract<SheetCell, { readonly number: string }>
