import { type Plain, parseNsn } from '@entente/schema'
import { ImportError } from './import-error.ts'
import type { Transform } from './mapping.ts'
import { nationOfPlace } from './place.ts'

/**
 * Turns a cell's text into a value.
 * @throws {ImportError} `BAD_VALUE`, naming the column
 */
export function transform(text: string, as: Transform, column: string): Plain {
  switch (as) {
    case 'text':
      return text
    case 'lower':
      return text.toLowerCase()
    case 'integer':
      if (/^-?\d{1,15}$/.test(text)) return Number(text)
      break
    case 'decimal':
      if (/^-?\d+(\.\d+)?$/.test(text)) return plainDecimal(text)
      break
    case 'boolean':
      if (/^(true|false)$/i.test(text)) return text.toLowerCase() === 'true'
      break
    case 'date': {
      const date = isoDate(text)
      if (date) return date
      break
    }
    case 'nsn': {
      const nsn = parseNsn(text)
      if (nsn.ok) return nsn.value
      break
    }
    case 'place':
      return placeOf(text, undefined)
  }
  throw new ImportError(
    'BAD_VALUE',
    `${column} is ${quote(text)}, not ${as === 'integer' ? 'an integer' : `a ${as}`}`,
    column,
  )
}

/** `M/D/YYYY` as American files write it, or ISO 8601 to the day, month or year; undefined for a day that is not in the calendar. */
function isoDate(text: string): string | undefined {
  const us = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(text)
  const date = us ? `${us[3]}-${us[1]?.padStart(2, '0')}-${us[2]?.padStart(2, '0')}` : text
  const parts = /^(\d{4})(?:-(\d\d)(?:-(\d\d))?)?$/.exec(date)
  if (!parts) return undefined
  const [, year, month = '01', day = '01'] = parts
  const time = new Date(`${year}-${month}-${day}T00:00:00Z`)
  return !Number.isNaN(time.getTime()) && time.getUTCDate() === Number(day) ? date : undefined
}

/** One spelling per number: no leading zeros, no trailing zeros behind the point. */
function plainDecimal(text: string): string {
  const [whole = '', fraction = ''] = text.replace('-', '').split('.')
  const digits = whole.replace(/^0+(?=\d)/, '')
  const rest = fraction.replace(/0+$/, '')
  const number = rest === '' ? digits : `${digits}.${rest}`
  return text.startsWith('-') && /[1-9]/.test(number) ? `-${number}` : number
}

/** Moves the point of a decimal text to the right without floating arithmetic: 0.56 by 3 is 560. */
export function shiftPoint(decimal: string, places: number, column: string): string {
  if (places < 0)
    throw new ImportError('BAD_VALUE', `${column} cannot be shifted by ${places}`, column)
  const [whole = '', fraction = ''] = decimal.split('.')
  const padded = fraction.padEnd(places, '0')
  return plainDecimal(`${whole}${padded.slice(0, places)}.${padded.slice(places)}0`)
}

/** The text in quotes for a message, cut when long. */
export const quote = (text: string): string =>
  JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)

/** A place as spelt, with the nation that `listed` or the text itself says. */
export const placeOf = (text: string, listed: string | undefined): Plain => {
  const nation = listed ?? nationOfPlace(text)
  return { text, ...(nation && { nation }) }
}
