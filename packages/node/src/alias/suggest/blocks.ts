import { withoutOneLetter } from '../compare/one-letter.ts'
import { stemOf } from '../name/known-companies.ts'
import { keyOf, type Word, wordsOf } from '../name/name-tokens.ts'
import { genericWords } from '../name/name-words.ts'
import type { ReadName } from '../name/read-name.ts'

/** Names that may have to do with each other, by index. */
export interface Block {
  /** Compared with each other and with visitors. */
  readonly residents: number[]
  /** Compared with residents only. */
  readonly visitors: number[]
}

/** Words of a name that are looked at from the start on, and how many of them in a row. */
const [firstWords, wordsInRow] = [12, 6]

/**
 * Blocks of names: with the same company words or letters; that hold the company words of another; that share a telling
 * word up to one letter; whose words have initials that another writes.
 */
export function blocksOf(names: readonly ReadName[]): Iterable<Block> {
  const blocks = new Map<string, Block>()
  const block = (key: string): Block => {
    const found = blocks.get(key) ?? { residents: [], visitors: [] }
    blocks.set(key, found)
    return found
  }
  for (const [at, { name, letters, reading }] of names.entries()) {
    const { core, legal, members } = reading
    const own = [keyOf(core), keyOf(stemOf(core)), letters, core.map(({ raw }) => raw).join('')]
    for (const key of new Set(own)) block(`=${key}`).residents.push(at)
    for (const run of runsOf(wordsOf(name))) block(`=${keyOf(run)}`).visitors.push(at)
    for (const member of members) block(`=${keyOf(stemOf(member))}`).visitors.push(at)
    for (const word of spellingsOf(core)) block(`?${word}`).residents.push(at)
    for (const key of asInitials(core)) block(`.${key}`).residents.push(at)
    for (const key of initialsOf(core, legal)) block(`.${key}`).visitors.push(at)
  }
  // Two names that begin with the same short word meet elsewhere.
  return [...blocks]
    .filter(([key, { visitors }]) => !key.startsWith('.') || visitors.length > 0)
    .map(([, found]) => found)
}

/** All rows of words in a name. */
function runsOf(words: readonly Word[]): readonly (readonly Word[])[] {
  const looked = words.slice(0, firstWords)
  return looked.flatMap((_, at) =>
    Array.from({ length: Math.min(wordsInRow, looked.length - at) }, (_none, more) =>
      looked.slice(at, at + more + 1),
    ),
  )
}

function spellingsOf(words: readonly Word[]): ReadonlySet<string> {
  const telling = words.filter(({ form }) => form.length >= 3 && !genericWords.has(form))
  return new Set(
    telling.flatMap(({ raw, form }) =>
      raw.length < 5 ? [form] : [...withoutOneLetter(form), ...withoutOneLetter(raw)],
    ),
  )
}

/** Words of a name that may be initials, each behind the words before it: `|GD`, `|GDOTS`, `GEN DYNAMIC|OTS`. */
function asInitials(words: readonly Word[]): readonly string[] {
  return words.slice(0, 3).flatMap(({ raw }, at) => {
    const before = keyOf(words.slice(0, at))
    const two = raw + (words[at + 1]?.raw ?? '')
    return [raw, two].filter((text) => text.length <= 7).map((text) => `${before}|${text}`)
  })
}

/** What initials of a name may be, in the same form: of two to six words, the last perhaps written out. */
function initialsOf(words: readonly Word[], legal: readonly string[]): ReadonlySet<string> {
  const raws = [...words.map(({ raw }) => raw), ...legal]
  const keys = new Set<string>()
  for (let at = 0; at < Math.min(3, words.length); at += 1) {
    const before = keyOf(words.slice(0, at))
    let letters = ''
    for (const [index, raw] of raws.slice(at, at + 6).entries()) {
      if (index > 0) keys.add(`${before}|${letters}${raw.slice(0, 1)}`)
      if (index > 0 && raw.length <= 4) keys.add(`${before}|${letters}${raw}`)
      letters += raw.slice(0, 1)
    }
  }
  return keys
}
