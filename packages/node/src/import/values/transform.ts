import {
  type IdentifierOutcome,
  isNation,
  nationFromAlpha2,
  type Plain,
  parseEccn,
  parseLei,
  parseNcage,
  parseNiin,
  parseNsn,
  parseUei,
  parseUsml,
} from '@entente/schema'
import { ImportError } from '../import-error.ts'
import type { Transform } from '../mapping/value-spec.ts'
import { type DateStyle, isoDate } from './date.ts'
import { type NumberStyle, plainNumber, roundDecimal, shortestDecimal } from './number.ts'
import { nationOfName, nationOfPlace } from './place.ts'

/** What a file writes its own way. */
export interface Style {
  readonly numbers: NumberStyle
  readonly dates: DateStyle
}

const identifiers = {
  nsn: parseNsn,
  niin: parseNiin,
  ncage: parseNcage,
  uei: parseUei,
  lei: parseLei,
  eccn: parseEccn,
  usml: parseUsml,
} satisfies Partial<Record<Transform, (text: string) => IdentifierOutcome<string>>>

/** Transforms whose result is a normal form: the text as it was given is kept beside it. */
export const keepsGiven = (as: Transform): boolean => as in identifiers || as === 'nation'

/** Places of a coordinate: a tenth of a metre, and the same whether a float came as text or from a workbook. */
const degreePlaces = 6

/** As long as a text of a record may be: what is longer is no date, number, code, party or place. */
const maxChars = 2_000

/**
 * Turns a cell's text into a value.
 * @throws {ImportError} `BAD_VALUE`, `DATE_AMBIGUOUS`, naming the column
 */
export function transform(text: string, as: Transform, column: string, style: Style): Plain {
  if (as in identifiers) {
    const outcome = identifiers[as as keyof typeof identifiers](text)
    if (outcome.ok) return outcome.value
    throw new ImportError('BAD_VALUE', `${column}: ${outcome.reason}`, column)
  }
  const value = plainValue(text, as, column, style)
  if (value !== undefined) return value
  const percentage = numeric.includes(as) && /\d\s?%$/.test(text)
  throw new ImportError(
    'BAD_VALUE',
    `${column} is ${quote(text)}, not ${as === 'integer' ? 'an integer' : `a ${as}`}${percentage ? ': it is a percentage; read it with `as: percent`' : ''}`,
    column,
  )
}

const numeric: readonly Transform[] = ['integer', 'decimal', 'degrees']

/**
 * Refuses a text that is too long for what it is to become, before it is searched.
 * @throws {ImportError} `BAD_VALUE`, naming the column
 */
export function checkLength(text: string, as: Transform, column: string): void {
  if (text.length > maxChars && as !== 'text' && as !== 'lower')
    throw new ImportError(
      'BAD_VALUE',
      `${column} is ${quote(text)}, of more than ${maxChars} characters: not a ${as}`,
      column,
    )
}

function plainValue(
  text: string,
  as: Transform,
  column: string,
  { numbers, dates }: Style,
): Plain | undefined {
  switch (as) {
    case 'lower':
      return text.toLowerCase()
    case 'integer': {
      const number = plainNumber(text, numbers)
      return number !== undefined && /^-?\d{1,15}$/.test(number) ? Number(number) : undefined
    }
    case 'decimal':
      return plainNumber(text, numbers)
    case 'degrees': {
      const number = plainNumber(text, numbers)
      return number && roundDecimal(shortestDecimal(number), degreePlaces)
    }
    case 'percent': {
      const bound = /^[<>]/.exec(text)?.[0] ?? ''
      const number = plainNumber(text.slice(bound.length).replace(/%$/, '').trim(), numbers)
      return number && bound + number
    }
    case 'boolean':
      return /^(true|yes|y|1)$/i.test(text)
        ? true
        : /^(false|no|n|0)$/i.test(text)
          ? false
          : undefined
    case 'date': {
      const date = isoDate(text, dates)
      if (date !== 'ambiguous') return date
      throw new ImportError(
        'DATE_AMBIGUOUS',
        `${column} is ${quote(text)}: day or month first? Say so in the mapping, as \`dates: M/D/YYYY\``,
        column,
      )
    }
    case 'nation':
      return isNation(text) ? text : (nationOfName(text) ?? nationFromAlpha2(text))
    case 'place':
      return placeOf(text, nationOfPlace(text))
    default:
      return text
  }
}

/** The text in quotes for a message, cut when long. */
export const quote = (text: string): string =>
  JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)

/** A place as spelt, with its nation if somebody or the text itself says it. */
export const placeOf = (text: string, nation: string | undefined): Plain => ({
  text,
  ...(nation && { nation }),
})
