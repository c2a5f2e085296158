import { TableOptions } from '@entente/node'
import { z } from 'zod'

/** Options by which a person says how the table of a file is to be read. */
export const tableOptions = [
  { flags: '--sheet <name>', purpose: 'sheet of a workbook (else the first)' },
  { flags: '--header-row <n>', purpose: 'row that names the columns (else the first)' },
  {
    flags: '--encoding <label>',
    purpose: 'of a text file, such as windows-1252 (else found out)',
  },
  { flags: '--delimiter <char>', purpose: 'between the cells of a line (else found out)' },
] as const

const { headerRow, sheet, encoding } = TableOptions.shape

/** Typed as text, so a row's number is made one first. */
export const tableInput = {
  sheet,
  headerRow: z.coerce.number().pipe(headerRow.unwrap()).optional(),
  encoding,
  delimiter: z.string().length(1, 'is not one character').optional(),
}

type Given = z.output<z.ZodObject<typeof tableInput>>

/** What was said of the table, without what was not. */
export const tableOf = (given: Given): TableOptions =>
  TableOptions.parse(
    Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  )
