import type { Check } from './mapping/check.ts'
import type { Flag } from './row-result.ts'
import { isoDate } from './values/date.ts'
import { plainNumber } from './values/number.ts'
import { maxNameWords, nationOfName } from './values/place.ts'
import { matched, matches, numbersOf, type RowContext, textIn } from './values/text-in.ts'
import { quote, transform } from './values/transform.ts'

/** The checks of a mapping that a row does not pass: the source contradicts itself, which is for its owner to mend. */
export function contradictionsIn(checks: readonly Check[], row: RowContext): readonly Flag[] {
  return checks.flatMap((check) => {
    const found = contradiction(check, row)
    return found === null ? [] : [{ code: 'CONTRADICTION', ...found }]
  })
}

type Found = Omit<Flag, 'code'> | null

function contradiction(check: Check, row: RowContext): Found {
  if ('never' in check)
    return matches(check.never, row)
      ? say(Object.keys(check.never)[0], matched(check.never, row))
      : null
  if ('sum' in check) {
    const parts = check.sum.map((column) => numberIn(column, row))
    const total = numberIn(check.equals, row)
    if (total === undefined || parts.includes(undefined)) return null
    const sum = parts.reduce<number>((a, b) => a + (b ?? 0), 0)
    // Published figures are rounded: half a unit of the last place for each part.
    if (Math.abs(sum - total) <= 0.000_5 * (parts.length + 1)) return null
    return say(
      check.equals,
      `${check.sum.join(' + ')} is ${round(sum)}, ${check.equals} says ${total}`,
    )
  }
  if ('rising' in check) {
    const known = check.rising.flatMap((column) => {
      const text = textIn(column, row)
      const number = numberIn(column, row)
      if (text === undefined || number === 0) return []
      return [{ column, text, size: number ?? isoDate(text, row.style.dates) ?? text }]
    })
    const at = known.findIndex(({ size }, i) => i > 0 && below(size, known[i - 1]?.size))
    const [before, after] = [known[at - 1], known[at]]
    if (before === undefined || after === undefined) return null
    return say(
      after.column,
      `${after.column} ${after.text} is below ${before.column} ${before.text}`,
    )
  }
  if ('begins' in check) {
    const [text, start] = [textIn(check.column, row), textIn(check.begins, row)]
    if (text === undefined || start === undefined || text.startsWith(start)) return null
    return say(
      check.column,
      `${check.column} ${quote(text)} does not begin with ${check.begins} ${quote(start)}`,
    )
  }
  const text = textIn(check.names, row)
  const own = textIn(check.nation, row)
  if (text === undefined || own === undefined) return null
  const nation = transform(own, 'nation', check.nation, row.style)
  const named = nationsNamedIn(text)
  if (named.length === 0 || named.includes(String(nation))) return null
  return say(
    check.names,
    `${check.names} ${quote(text)} names ${named.join(', ')}, ${check.nation} is ${own}`,
  )
}

const say = (column: string | undefined, message: string): Found => ({
  column: column ?? null,
  message,
})

const round = (sum: number): number => Math.round(sum * 1000) / 1000

function numberIn(column: string, row: RowContext): number | undefined {
  const text = textIn(column, row)
  const number = text === undefined ? undefined : plainNumber(text, numbersOf(column, row))
  return number === undefined ? undefined : Number(number)
}

const below = (a: number | string, b: number | string | undefined): boolean =>
  typeof a === typeof b && a < (b ?? '')

/** Nations whose English names stand in a text; the United States, whose papers these are, aside. */
function nationsNamedIn(text: string): readonly string[] {
  const phrases = text.match(/\p{Lu}[\p{L}.'-]*(?:\s+(?:of|and|the|\p{Lu})[\p{L}.'-]*)*/gu) ?? []
  const found = phrases
    // `Guinea-Bissau` is one name, `U.S.-Norway` two.
    .map((phrase) => nationIn(phrase.split(/\s+/)) ?? nationIn(phrase.split(/[\s-]+/)))
    .filter((nation) => nation !== undefined)
  return [...new Set(found)]
}

/** The first nation that some of these words in a row name, longest names first. */
function nationIn(words: readonly string[]): string | undefined {
  for (let size = Math.min(words.length, maxNameWords); size > 0; size--)
    for (let from = 0; from + size <= words.length; from++) {
      const nation = nationOfName(words.slice(from, from + size).join(' '))
      if (nation !== undefined && nation !== 'USA') return nation
    }
  return undefined
}
