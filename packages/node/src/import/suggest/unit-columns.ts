import type { ColumnFacts } from './column-facts.ts'
import { likeness, wordsOf } from './words.ts'

/** What people write for a period, and the period. */
const periods: Readonly<Record<string, string>> = {
  monthly: 'month',
  month: 'month',
  'per month': 'month',
  yearly: 'year',
  annual: 'year',
  annually: 'year',
  year: 'year',
  'per year': 'year',
}

/** What people write for a scale of money, and how far the point moves. */
const scales: Readonly<Record<string, number>> = {
  dollars: 0,
  units: 0,
  thousands: 3,
  thousand: 3,
  millions: 6,
  million: 6,
  billions: 9,
  ...Object.fromEntries(
    ['£', '€', '$'].flatMap((sign) => [
      [sign, 0],
      [`${sign}k`, 3],
      [`${sign}m`, 6],
      [`${sign}bn`, 9],
    ]),
  ),
}

/** Currency that the texts of a scale column speak of, where all of them speak of one. */
export function currencyIn(texts: readonly string[]): string | null {
  const found = new Set(
    texts.map((text) =>
      text.startsWith('£')
        ? 'GBP'
        : text.startsWith('€')
          ? 'EUR'
          : /dollars/i.test(text)
            ? 'USD'
            : '',
    ),
  )
  found.delete('')
  const [only] = found
  return found.size === 1 && only !== undefined ? only : null
}

/** Period that a column's own name gives, such as `output per month`. */
export const periodIn = (name: string): 'month' | 'year' | null =>
  /\bmonth(ly)?\b|\/ ?mo?n?t?h?\b/i.test(name)
    ? 'month'
    : /\b(year(ly)?|annual(ly)?)\b/i.test(name)
      ? 'year'
      : null

/** A column that says in what unit another column's numbers are, and what its texts mean. */
export interface UnitColumn<V> {
  readonly column: string
  readonly values: Readonly<Record<string, V>>
}

/** The column that says whether a rate is by month or year. */
export const periodColumn = (columns: readonly ColumnFacts[], of: string) =>
  unitColumn(columns, of, periods)

/** The column that says whether money is in thousands or millions. */
export const scaleColumn = (columns: readonly ColumnFacts[], of: string) =>
  unitColumn(columns, of, scales)

/** Of the columns all of whose texts are in the vocabulary, the one whose name is most like that of the numbers. */
function unitColumn<V extends string | number>(
  columns: readonly ColumnFacts[],
  of: string,
  vocabulary: Readonly<Record<string, V>>,
): UnitColumn<V> | null {
  const [best] = columns
    .filter(({ samples, filled }) => filled > 0.5 && samples.length > 0 && samples.length <= 6)
    .filter(({ samples }) => samples.every((text) => Object.hasOwn(vocabulary, text.toLowerCase())))
    .toSorted(
      (a, b) => likeness(wordsOf(b.name), wordsOf(of)) - likeness(wordsOf(a.name), wordsOf(of)),
    )
  if (best === undefined) return null
  const values = best.samples.map((text) => [text, vocabulary[text.toLowerCase()] as V] as const)
  return { column: best.name, values: Object.fromEntries(values) }
}
