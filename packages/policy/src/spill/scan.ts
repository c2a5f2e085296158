import { type Caveat, classifications, type Json, type Label, rankOf } from '@entente/schema'
import { markingWords } from './markings.ts'
import { personalForms } from './personal.ts'

/** Something in a value that its label may not have foreseen. */
export interface Spill {
  readonly kind: 'marking' | 'personal' | 'prose'
  /** What it looks like, in words. */
  readonly what: string
  /** The text itself. */
  readonly text: string
  /** JSON pointer (RFC 6901) of the text in the value; empty: the value is the text. */
  readonly path: string
  /** Half-open, UTF-16 code units. */
  readonly span: readonly [from: number, to: number]
}

/**
 * Words that mark a higher level or a caveat than the label says, personal data, and paragraphs without a portion mark among
 * others that have one. A person decides what it is: the scan finds accidents, not somebody who hides.
 */
export function scanSpill(value: Json, label: Label): readonly Spill[] {
  const found: Spill[] = []
  for (const [path, text] of textsOf(value, ''))
    for (const spill of [...markingsIn(text, label), ...personalIn(text), ...unmarkedIn(text)])
      found.push({ ...spill, path })
  return found
}

type Found = Omit<Spill, 'path'>

function* textsOf(value: Json, path: string): Iterable<readonly [string, string]> {
  if (typeof value === 'string') yield [path, value]
  else if (typeof value === 'object' && value !== null)
    for (const [name, part] of Object.entries(value)) {
      const at = `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
      if (!Array.isArray(value)) yield [at, name]
      yield* textsOf(part, at)
    }
}

function markingsIn(text: string, label: Label): readonly Found[] {
  const found: Found[] = []
  const taken: (readonly [number, number])[] = []
  for (const { pattern, needs } of markingWords)
    for (const match of text.matchAll(pattern)) {
      const span = [match.index, match.index + match[0].length] as const
      // `SECRET` within `TOP SECRET` says nothing more.
      if (taken.some(([from, to]) => from <= span[0] && span[1] <= to)) continue
      taken.push(span)
      if (isForeseen(needs, label)) continue
      found.push({ kind: 'marking', what: `a mark of ${needs}`, text: match[0], span })
    }
  return found.sort((a, b) => a.span[0] - b.span[0])
}

function isForeseen(needs: (typeof markingWords)[number]['needs'], label: Label): boolean {
  const level = classifications.find((each) => each === needs)
  if (level !== undefined) return rankOf(label.classification) >= rankOf(level)
  return label.caveats.includes(needs as Caveat)
}

function personalIn(text: string): readonly Found[] {
  return personalForms.flatMap(({ what, pattern }) =>
    [...text.matchAll(pattern)].map((match): Found => {
      const span = [match.index, match.index + match[0].length] as const
      return { kind: 'personal', what, text: match[0], span }
    }),
  )
}

const portionMark = /^[ \t]*\((?:U|R|C|S|TS|NU|NR|NC|NS|CTS|CUI|FOUO)(?:\/\/[A-Z0-9 ,/-]{1,80})?\)/u

/** Whoever marks one paragraph must mark them all. */
function unmarkedIn(text: string): readonly Found[] {
  const paragraphs: { readonly text: string; readonly from: number }[] = []
  for (const match of text.matchAll(/[^\n]*\S[^\n]*/gu))
    paragraphs.push({ text: match[0], from: match.index })
  if (!paragraphs.some((each) => portionMark.test(each.text))) return []
  return paragraphs
    .filter((each) => !portionMark.test(each.text))
    .map(({ text: prose, from }): Found => {
      const span = [from, from + prose.length] as const
      return { kind: 'prose', what: 'a paragraph without a portion mark', text: prose, span }
    })
}
