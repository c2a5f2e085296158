import { plainNumber, plainStyle, shiftPoint } from '../../values/number.ts'
import { maxCellChars } from '../limits.ts'
import type { SheetCell, WrittenNumber } from './message.ts'
import type { NumberKind } from './number-formats.ts'
import { decodeEscapes } from './rich-text.ts'
import { serialText } from './serial-date.ts'
import { damaged, WorkbookError } from './workbook-error.ts'

/** A cell as it is written in a sheet. */
export interface WrittenCell {
  /** Such as `B5`. */
  readonly address: string
  readonly type: string
  readonly style: number
  readonly formula: boolean
  /** Undefined when the file gives none. */
  readonly value: string | undefined
  /** Text that stands in the cell itself. */
  readonly inline: string | undefined
}

/** What the cells of one workbook refer to. */
export interface CellContext {
  /** File and sheet, for messages. */
  readonly place: string
  readonly strings: readonly string[]
  readonly kinds: readonly NumberKind[]
  readonly from1904: boolean
  readonly uncalculated: boolean
}

/**
 * Text of a cell, '' if it has none. A formula has the result that a spreadsheet program stored; it is never evaluated.
 * Whole numbers are the digits of the file, others JavaScript's shortest text, which writes an exponent from 1e21 on and
 * below 1e-6. What is shown as a percentage is the percentage with its sign, `12.5 %`: without the sign, a reader could
 * not tell it from the number that is stored, 0.125.
 * @throws {WorkbookError} `NOT_A_WORKBOOK`, `ROW_TOO_LARGE`
 * @see ECMA-376 part 1, sections 18.3.1.4, 18.18.11
 */
export function readCell(cell: WrittenCell, context: CellContext): SheetCell {
  const where = `${context.place}, cell ${cell.address}`
  if (cell.formula && lacksResult(cell, context))
    return {
      code: 'FORMULA_WITHOUT_VALUE',
      message: `${where} holds a formula without a stored result; open the workbook in a spreadsheet program and save it`,
    }
  const read = contentOf(cell, context)
  const text = typeof read === 'string' ? read : read.number
  if (text.length > maxCellChars)
    throw new WorkbookError(
      'ROW_TOO_LARGE',
      `cell ${cell.address} has more than ${maxCellChars} characters; shorten it`,
    )
  if (cell.type !== 'e' || text === '') return read
  return {
    code: 'CELL_ERROR',
    message: `${where} holds the error ${text}; mend the cell and save the workbook again`,
  }
}

export const lacksResult = (
  { type, value, inline }: WrittenCell,
  { uncalculated }: CellContext,
): boolean =>
  uncalculated ||
  (inline === undefined && (type === 'str' ? value : value?.trim() || undefined) === undefined)

function contentOf(
  { address, type, style, value, inline }: WrittenCell,
  context: CellContext,
): string | WrittenNumber {
  if (type === 'inlineStr') return inline ?? ''
  if (value === undefined || value.trim() === '') return type === 'str' ? (value ?? '') : ''
  switch (type) {
    case 's': {
      const text = /^\d+$/.test(value.trim()) ? context.strings[Number(value)] : undefined
      if (text === undefined) throw damaged(`cell ${address} has no text ${value}`)
      return text
    }
    case 'str':
      return decodeEscapes(value)
    case 'e':
      return value
    case 'b':
      if (/^(1|true)$/.test(value.trim())) return 'TRUE'
      if (/^(0|false)$/.test(value.trim())) return 'FALSE'
      throw damaged(`cell ${address} is neither true nor false`)
    case 'd':
      return value.trim().replace(/T00:00(:00(\.0+)?)?Z?$/, '')
    case 'n': {
      const number = numberOf(value, address)
      if (style !== 0 && !(style < context.kinds.length))
        throw damaged(`cell ${address} has no format`)
      const kind = context.kinds[style]
      if (kind === 'percentage') return { number: percentageOf(number) }
      const moment = kind && serialText(number, kind, context.from1904)
      return moment ?? { number: /^-?[1-9]\d*$/.test(value.trim()) ? value.trim() : String(number) }
    }
    default:
      throw damaged(`cell ${address} is of an unknown type ${type}`)
  }
}

function percentageOf(number: number): string {
  const text = String(number)
  return `${shiftPoint(plainNumber(text, plainStyle) ?? text, 2)} %`
}

function numberOf(value: string, address: string): number {
  const number = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(value.trim()) ? Number(value) : NaN
  if (!Number.isFinite(number)) throw damaged(`cell ${address} is not a number`)
  return number
}
