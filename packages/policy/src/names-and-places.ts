import { type DataRecord, isLikePseudonym, type Json, type Kind, Place } from '@entente/schema'
import { isName, isPlace, type Level } from './levels.ts'

/**
 * The value of a field whole, as its country, or under a pseudonym; null where that does not fit the field or the value. A name that
 * would be taken for a pseudonym does not go whole.
 */
export function nameOrPlaceAt(
  kind: Kind,
  field: string,
  value: Json,
  level: Extract<Level, 'exact' | 'country' | 'pseudonym'>,
  pseudonym: (field: string) => string = () => 'withheld',
): Json | null {
  switch (level) {
    case 'exact':
      return isName(kind, field) && passesForPseudonym(value) ? null : value
    case 'country':
      return isPlace(kind, field) ? nationOf(value) : null
    case 'pseudonym':
      return isName(kind, field) && typeof value === 'string' ? pseudonym(field) : null
  }
}

/** The nation of a place, where the record states it: no text is searched for one. */
function nationOf(value: Json): Json | null {
  const nation = Place.safeParse(value).data?.nation
  return nation === undefined ? null : { nation }
}

/** Nobody can write such a name; what was written before that rule may be one. */
const passesForPseudonym = (value: Json): boolean =>
  typeof value === 'string' && isLikePseudonym(value)

export const NO_BAND_FITS = 'the value is empty or no band fits it'

/** Why a value does not go at a level that it may go at, in words. */
export function sayUnfit({ kind, fields }: DataRecord, field: string, level: Level): string {
  const banded = level === 'fine' || level === 'coarse'
  if (!banded && (fields[field]?.value ?? null) === null) return 'the value is empty'
  switch (level) {
    case 'country':
      return isPlace(kind, field)
        ? 'the record does not state in which nation it is'
        : 'it is no place, so it has no country'
    case 'pseudonym':
      return `it is no name that a ${kind} is recognised by`
    case 'exact':
      return 'the name would be taken for a pseudonym: give the record another'
    default:
      return NO_BAND_FITS
  }
}
