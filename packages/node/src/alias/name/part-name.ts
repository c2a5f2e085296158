import { companyWords, type KnownCompanies, withoutLegalForm } from './known-companies.ts'
import { type Word, wordsOf } from './name-tokens.ts'
import { genericWords, legalForms, noteWords, placeholderWords } from './name-words.ts'
import { atAnd, atCommas, atDashes, atHyphens, atSlashes } from './split-name.ts'

/** A name text cut into what is the company and what stands around it. */
export interface NameParts {
  readonly head: string
  readonly front: readonly string[]
  readonly behind: readonly string[]
  /** Two or more texts if the head names several companies, else none. */
  readonly companies: readonly string[]
  /** Whether each of them is known as a company elsewhere. */
  readonly allKnown: boolean
}

/** Cuts at dashes, then slashes, then `and`. Where the same words stand elsewhere as one name, a sign is only spelling. */
export function partName(text: string, known: KnownCompanies): NameParts {
  const asOne = (part: string): boolean => isOneName(part, known)
  const dashed = asOne(text) ? [text] : atDashes(text).flatMap((part) => behindHyphen(part, known))
  const at = Math.max(
    0,
    dashed.findIndex(
      (part) =>
        startsWithCompany(part, known) ||
        endsInLegalForm(part) ||
        companiesInList(part, known).length > 0,
    ),
  )
  const [front, head, behind] = [dashed.slice(0, at), dashed[at] ?? '', dashed.slice(at + 1)]
  const also = behind.filter((part) => asOne(part) && !isNote(part))
  if (also.length > 0 && startsWithCompany(head, known))
    return { head, front, behind, companies: [head, ...also], allKnown: false }
  if (asOne(head)) return { head, front, behind, companies: [], allKnown: true }

  const slashed = atSlashes(head)
  const makers = slashed.filter(
    (part) => startsWithCompany(part, known) || !isNote(part.replace(/\sFY\s?\d.*$/i, '')),
  )
  const sure = makers.filter((part) => startsWithCompany(part, known))
  if (slashed.length === 1 || sure.length === 0) {
    const companies = companiesInList(head, known)
    return { head, front, behind, companies, allKnown: companies.every(asOne) }
  }
  if (makers.length > 1)
    return { head, front, behind, companies: makers, allKnown: sure.length === makers.length }
  const maker = makers[0] ?? ''
  const index = slashed.indexOf(maker)
  return {
    head: maker,
    front: [...front, ...slashed.slice(0, index)],
    behind: [...slashed.slice(index + 1), ...behind],
    companies: [],
    allKnown: true,
  }
}

/** Whether the same words stand elsewhere as one name. */
export const isOneName = (text: string, known: KnownCompanies): boolean =>
  known.isName(withoutLegalForm(wordsOf(text)))

/** `Electric Boat-Install`: a hyphen between a known name and what is no company is a dash, but not in `GD-OTS`. */
function behindHyphen(part: string, known: KnownCompanies): readonly string[] {
  const [first = '', ...rest] = atHyphens(part)
  const behind = rest.join('-')
  const isDash =
    rest.length > 0 &&
    first.length > 4 &&
    isOneName(first, known) &&
    !isOneName(part, known) &&
    !startsWithCompany(behind, known) &&
    !endsInLegalForm(behind)
  return isDash ? [first, behind] : [part]
}

function endsInLegalForm(part: string): boolean {
  const words = wordsOf(part)
  return words.length > 1 && legalForms.has(words.at(-1)?.form ?? '')
}

function startsWithCompany(part: string, known: KnownCompanies): boolean {
  const words = companyWords(wordsOf(part))
  return known.isCompany(words) || words.some((_, at) => at > 0 && known.isName(words.slice(0, at)))
}

/** Companies of `A, B and C`. One at least is known, and no other is made of general words alone. */
function companiesInList(text: string, known: KnownCompanies): readonly string[] {
  const joined = atAnd(text)
  if (joined.length < 2) return []
  const listed = joined.flatMap((part, at) => (at === 0 ? [...atCommas(part)] : [part]))
  for (const parts of [listed, joined]) {
    const names = parts.map((part) => companyWords(wordsOf(part)))
    const could = names.every(
      (words) =>
        known.isCompany(words) ||
        (!words.some(isNoteWord) &&
          words.some(({ form }) => !genericWords.has(form) && !legalForms.has(form))),
    )
    if (could && names.some(known.isCompany)) return parts
  }
  return []
}

/** Whether a part is about an order or an item: it has a word of budget tables or a number. */
export const isNote = (part: string): boolean =>
  wordsOf(part).some((word) => isNoteWord(word) || /\p{N}/u.test(word.raw))

export const isNoteWord = ({ raw, form }: Word): boolean =>
  noteWords.has(form) || /^FY\p{N}+$/u.test(raw) || (form.length > 2 && placeholderWords.has(form))
