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
import type { Mapping } from '../mapping/mapping.ts'
import type { Transform } from '../mapping/value-spec.ts'
import { isoDate } from './date.ts'
import { plainNumber, roundDecimal, shortestDecimal } from './number.ts'
import { nationOfName, nationOfPlace } from './place.ts'

/** What a file writes its own way. */
export type Style = Pick<Mapping, 'numbers' | 'dates'>

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
  throw new ImportError(
    'BAD_VALUE',
    `${column} is ${quote(text)}, not ${as === 'integer' ? 'an integer' : `a ${as}`}`,
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
      const [, bound = '', rest = ''] = /^([<>]?)\s*(.*?)\s*%?$/.exec(text) ?? []
      const number = plainNumber(rest, numbers)
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
