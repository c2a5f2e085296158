import type { ValueShape } from '../../select/value-shape.ts'
import { isoDate } from '../values/date.ts'
import { plainNumber } from '../values/number.ts'

/** The text of a cell as it was meant, where a spreadsheet program shows that in its own way; or why that is uncertain. */
export type Mended = { readonly text: string } | { readonly problem: string }

/**
 * Takes back what spreadsheet programs do to a cell of known shape: dates as `3/31/2017`, `TRUE`, `12.0` for 12. What is
 * already as it should be, or cannot be taken back, stays.
 * @param exported what stood there: a date that can be read as that one is taken for it
 */
export function mendCell(text: string, shape: ValueShape, exported?: string): Mended {
  switch (shape.is) {
    case 'boolean':
      return { text: /^(true|false)$/i.test(text) ? text.toLowerCase() : text }
    case 'integer': {
      const number = plainNumber(text, { decimal: '.' })
      return { text: number !== undefined && /^-?\d+$/.test(number) ? number : text }
    }
    case 'date':
      return mendDate(text, exported)
    default:
      return { text }
  }
}

function mendDate(text: string, exported: string | undefined): Mended {
  const readings = (['M/D/YYYY', 'D/M/YYYY', 'D.M.YYYY', 'YYYY/M/D', 'D MMM YYYY'] as const)
    .map((style) => isoDate(text, style))
    .filter((date) => date !== undefined && date !== 'ambiguous' && date !== text)
  if (exported !== undefined && (readings.includes(exported) || isShortMonth(text, exported)))
    return { text: exported }
  const [one, another] = new Set(readings)
  if (one === undefined) return { text }
  return another === undefined
    ? { text: one }
    : { problem: `may be ${one} or ${another}; write it as YYYY-MM-DD` }
}

/** `Nov-14`, as some show the month 2014-11. */
function isShortMonth(text: string, date: string): boolean {
  const [, century = '', year = '', month = ''] = /^(\d\d)(\d\d)-(\d\d)$/.exec(date) ?? []
  const [name = '', number = ''] = text.split('-')
  return (
    number === year &&
    isoDate(`1 ${name} ${century}${year}`, 'D MMM YYYY') === `${date}-01` &&
    month !== ''
  )
}

/**
 * Whether a text is what a spreadsheet program makes of another one when it takes it for a number, a date or a truth
 * value: `42` of `0042`, `1.23E+12` of a long code, `TRUE` of `true`.
 */
export function looksRewritten(before: string, after: string): boolean {
  if (before === after) return false
  if (before.toLowerCase() === after.toLowerCase()) return /^(true|false)$/i.test(before)
  if (isDigits(before) && isDigits(after)) {
    const [x, y] = [numberOf(before), numberOf(after)]
    return x === y || (/e/i.test(after) && Math.abs(x - y) <= Math.abs(x) * 0.01)
  }
  return /^\d{4}(-\d\d)?$/.test(before) && after.startsWith(`${before}-`) && /-01$/.test(after)
}

const isDigits = (text: string): boolean => /^[+-]?\d[\d,]*(\.\d+)?(e[+-]?\d+)?$/i.test(text)

const numberOf = (text: string): number => Number(text.replaceAll(',', ''))
