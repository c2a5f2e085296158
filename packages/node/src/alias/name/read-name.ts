import { nationOfPlace } from '../../import/values/place.ts'
import type { SourceName } from '../suggestion.ts'
import { behindDesignation, sideBySide } from './find-companies.ts'
import { companyWords, type KnownCompanies } from './known-companies.ts'
import { keyOf, lettersOf, readLength, type Word, wordsOf } from './name-tokens.ts'
import { jointWords, legalForms, unitWords } from './name-words.ts'
import { isNote, isNoteWord, isOneName, partName } from './part-name.ts'
import { takeBrackets } from './split-name.ts'
import { townsOf } from './towns.ts'

/** How a name shows that it names several companies: by a sign, by a sign but one is not known, by nothing, in words. */
export type Joint = 'parted' | 'unclear' | 'side by side' | 'said'

/** What a name says, part by part. */
export interface NameReading {
  /** Words of the company; of all companies for a joint name. Empty for a name without letters and digits. */
  readonly core: readonly Word[]
  /** Legal forms in short form. */
  readonly legal: readonly string[]
  /** Texts of the source behind the company that speak of an order or an item. */
  readonly notes: readonly string[]
  /** Texts behind a dash that may be a note or a unit. */
  readonly unclear: readonly string[]
  /** Places in the name. */
  readonly placed: readonly string[]
  readonly brackets: readonly string[]
  /** Product in front of the maker. */
  readonly front: string | undefined
  readonly joint: Joint | undefined
  /** Companies of a joint name; empty if it only says that it is one. */
  readonly members: readonly (readonly Word[])[]
}

/** A name that is read once and compared often. */
export interface ReadName extends SourceName {
  readonly reading: NameReading
  readonly letters: string
  readonly towns: ReadonlySet<string>
}

export const readSourceName = (source: SourceName, known: KnownCompanies): ReadName => ({
  ...source,
  reading: readName(source.name, known),
  letters: lettersOf(source.name),
  towns: townsOf(source.places),
})

/** Reads a name in the light of the other names: which of its parts are companies is known from them. */
function readName(name: string, known: KnownCompanies): NameReading {
  const { text, inside, behind } = takeBrackets(name.slice(0, readLength))
  const [beforeAt = '', ...atPlaces] = text.split('@')
  const { head, places } = withoutPlaces(beforeAt, known)
  const parts = partName(head, known)
  const around = [...parts.behind, ...inside, ...(behind === '' ? [] : [behind])]
  const inPlace = around.filter((part) => isPlace(part, known))
  const rest = around.filter((part) => !isPlace(part, known))
  const words = cutWords(wordsOf(parts.head))
  const company = parts.companies.length > 1 ? undefined : behindDesignation(words.core, known)
  const core = company ?? words.core
  const front = words.core.slice(0, words.core.length - core.length).map(({ raw }) => raw)
  const members =
    parts.companies.length > 1
      ? parts.companies.map((part) => cutWords(wordsOf(part)).core)
      : sideBySide(core, known)
  return {
    core,
    legal: words.legal,
    notes: [...words.notes, ...rest.filter((part) => isNote(part) && !inside.includes(part))],
    unclear: rest.filter((part) => !isNote(part) && !inside.includes(part)),
    placed: [...places, ...atPlaces.map((place) => place.trim()), ...inPlace],
    brackets:
      parts.front.length > 0
        ? []
        : rest.filter((part) => inside.includes(part) && !repeats(part, core)),
    front: [...parts.front, ...front].join(' ') || undefined,
    joint: jointOf(core, members, parts.companies.length > 1, parts.allKnown),
    members,
  }
}

/** `Raytheon Missile Systems (Raytheon)` */
const repeats = (part: string, core: readonly Word[]): boolean =>
  `${keyOf(core)} `.startsWith(`${keyOf(companyWords(wordsOf(part)))} `)

function jointOf(
  core: readonly Word[],
  members: readonly (readonly Word[])[],
  parted: boolean,
  allKnown: boolean,
): Joint | undefined {
  if (members.length > 1) return parted ? (allKnown ? 'parted' : 'unclear') : 'side by side'
  return core.some(({ form }, at) => at > 0 && jointWords.has(form)) ? 'said' : undefined
}

/** `TACOM, Warren, MI` without what is place behind a comma. */
function withoutPlaces(
  text: string,
  known: KnownCompanies,
): { readonly head: string; readonly places: readonly string[] } {
  const parts = isOneName(text, known) ? [text] : text.split(',')
  let end = parts.length
  while (end > 1) {
    const [last = '', before = ''] = [parts[end - 1], parts[end - 2]]
    const region = /^\s*[A-Z]{2,3}\s*$/.test(last) && end > 2 && isPlace(before, known)
    if (!region && !isPlace(last, known)) break
    end -= region ? 2 : 1
  }
  const place = parts.slice(end).join(',').trim()
  return { head: parts.slice(0, end).join(','), places: place === '' ? [] : [place] }
}

function isPlace(part: string, known: KnownCompanies): boolean {
  const words = wordsOf(part)
  if (words.length === 0 || words.length > 4 || words.some(({ form }) => legalForms.has(form)))
    return false
  if (known.isTown(words) || nationOfPlace(part.trim()) !== undefined) return true
  return [...townsOf([part])].some((town) => known.isTown(wordsOf(town)))
}

/** Words before the legal form, a word of a note and numbers at the end. */
function cutWords(words: readonly Word[]): Pick<NameReading, 'core' | 'legal' | 'notes'> {
  const named = companyWords(words)
  const unit = words.slice(named.length).some(({ form }) => unitWords.has(form))
  const company = unit ? words.filter(({ form }) => !legalForms.has(form)) : named
  const behind = unit
    ? words.filter(({ form }) => legalForms.has(form))
    : words.slice(company.length)
  const legal = behind.filter(({ form }) => legalForms.has(form)).map(({ form }) => form)
  const noteAt = company.findIndex((word, at) => at > 0 && isNoteWord(word))
  let end = noteAt < 0 ? company.length : noteAt
  while (end > 2 && /^\p{N}+$/u.test(company[end - 1]?.raw ?? '')) end -= 1
  const notes = [...company.slice(end), ...behind.filter(({ form }) => !legalForms.has(form))]
  return {
    core: company.slice(0, end),
    legal: [...new Set(legal)],
    notes: notes.length === 0 ? [] : [notes.map(({ raw }) => raw).join(' ')],
  }
}
