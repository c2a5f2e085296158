import { nationOfPlace } from '../../import/values/place.ts'
import { type Word, wordsOf } from './name-tokens.ts'
import { placeholderWords, shortForm } from './name-words.ts'

/** Words that stand in place columns and name no place. */
const notPlaces = new Set(['FIELD', 'TEAM', 'MFG', 'DEPOT', 'STOCK', 'END', 'ITEM', 'LOCATION'])

/**
 * Towns that a place text names, as comparison forms: `Tucson, AZ/Forest, MS` is TUCSON and FOREST. A state, province or
 * nation alone is no town, nor is `TBD` or `Field Mod Team`: these say nothing about two names.
 */
export const townsOf = (places: readonly string[]): ReadonlySet<string> =>
  new Set(places.flatMap((place) => place.split(/[/;&]|\band\b/i)).flatMap(townOf))

/** Words of a town as one key: FT and ST short, nothing made singular. */
export const townKey = (words: readonly Word[]): string =>
  words.map(({ raw }) => shortForm.get(raw) ?? raw).join(' ')

/** Towns of places that give a region or nation too: those are no company names that slipped into the column. */
export const sureTownsOf = (places: readonly string[]): ReadonlySet<string> =>
  townsOf(places.filter((place) => /,\s*[A-Za-z. ]+$/.test(place)))

function townOf(place: string): readonly string[] {
  const text = place.replace(/\s+\d{5}(-\d{4})?\s*$/, '').replace(/[\s.]+$/, '')
  const parts = text.split(',').filter((part) => part.trim() !== '')
  const town = parts.length > 1 ? (parts.at(-2) ?? '') : text.replace(/\s+[A-Za-z]{2,3}$/, '')
  const words = wordsOf(town)
  const nowhere =
    words.length === 0 ||
    townKey(words).length < 3 ||
    words.some(({ raw }) => placeholderWords.has(raw) || notPlaces.has(raw)) ||
    (parts.length === 1 && nationOfPlace(town) !== undefined)
  return nowhere ? [] : [townKey(words)]
}
